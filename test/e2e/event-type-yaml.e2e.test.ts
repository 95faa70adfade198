import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Svix } from 'svix';
import { startApp, type TestApp } from '../support/app.js';
import { randomOrgId } from '../support/tokens.js';

const DOCUMENT = `
openapi: 3.1.0
info: {title: Shop, version: "1"}
components:
  schemas:
    Order: &order
      type: object
      required: [id]
      properties:
        id: {type: integer, maximum: 1152921506151679042}
webhooks:
  order.paid:
    post:
      description: |
        An order was paid
      x-svix-feature-flags: [beta]
      x-svix-group-name: orders
      requestBody:
        content:
          application/json:
            schema: {$ref: '#/components/schemas/Order'}
            example: {id: 1152921506151679042, price: 1.10}
  order.lost:
    post:
      summary: An order was lost
      requestBody:
        content:
          application/json: {schema: *order}
`;
const BOMB = Array.from(
  'abcdefghij',
  (name, n) => `${name}: &${name} [${Array(9).fill(n === 0 ? 'x' : `*${'abcdefghij'[n - 1]}`)}]`,
);

describe('an OpenAPI document in YAML', () => {
  let app: TestApp;
  let svix: Svix;
  let token: string;

  beforeAll(async () => {
    app = await startApp();
    token = app.tokenFor(randomOrgId());
    svix = app.svix(token);
  });
  afterAll(() => app?.stop());

  it('makes event types as one in JSON does', async () => {
    const { data } = await svix.eventType.importOpenapi({ specRaw: DOCUMENT });

    expect(data.modified).toEqual(['order.lost', 'order.paid']);
    expect(await svix.eventType.get('order.paid')).toMatchObject({
      description: 'An order was paid\n',
      featureFlags: ['beta'],
      groupName: 'orders',
      schemas: { 1: { $ref: '#/definitions/Order', definitions: { Order: { type: 'object', required: ['id'] } } } },
    });
    expect(await svix.eventType.get('order.lost')).toMatchObject({ schemas: { 1: { type: 'object', required: ['id'] } } });
  });

  it('keeps its numbers in their own words', async () => {
    await svix.eventType.importOpenapi({ specRaw: DOCUMENT });
    const answer = await fetch(`${app.url}/api/v1/event-type/order.paid`, { headers: { authorization: `Bearer ${token}` } });
    const text = await answer.text();

    expect(text).toContain('"maximum":1152921506151679042');
    expect(text).toContain('"price":1.10');
  });

  it.each([
    ['a bomb', BOMB.join('\n'), /too large/],
    ['brackets without end', '['.repeat(100_000), /nested deeper/],
    ['neither JSON nor YAML', '{"openapi": "3.1.0",', /JSON or YAML/],
    ['a text', 'hello', /OpenAPI document/],
    ['nothing', '', /OpenAPI document/],
  ])('is refused if it is %s', async (_what, specRaw, message) => {
    const { status, body } = await app.as(token).post('/event-type/import/openapi', { specRaw });

    expect(status).toBe(422);
    expect(body.detail).toEqual([{ loc: ['body', 'specRaw'], msg: expect.stringMatching(message), type: 'value_error' }]);
  });
});
