import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Svix } from 'svix';
import { startApp, type TestApp } from '../support/app.js';
import { randomOrgId } from '../support/tokens.js';

const body = (schema: unknown, more: object = {}) => ({ requestBody: { content: { 'application/json': { schema, ...more } } } });
const spec = (webhooks: object, components: object = {}) => ({
  openapi: '3.1.0',
  info: { title: '', version: '1' },
  webhooks,
  components,
});

describe('importing event types from OpenAPI', () => {
  let app: TestApp;
  let svix: Svix;
  let orgId: string;

  beforeAll(async () => {
    app = await startApp();
  });
  beforeEach(() => {
    orgId = randomOrgId();
    svix = app.svix(app.tokenFor(orgId));
  });
  afterAll(() => app?.stop());

  const api = () => app.as(app.tokenFor(orgId));
  const post = (given: object) => api().post('/event-type/import/openapi', given);
  const names = async (query = '') => ((await api().get(`/event-type${query}`)).body.data as any[]).map(({ name }) => name);

  it('makes an event type of each webhook', async () => {
    const schema = { type: 'object', required: ['id'], properties: { id: { type: 'string' } } };
    const { data } = await svix.eventType.importOpenapi({
      spec: spec({
        'order.paid': { post: { summary: 'Paid', description: 'An order was paid', ...body(schema) } },
        'order.lost': { post: { summary: 'An order was lost', deprecated: true } },
      }),
    });

    expect(data.modified).toEqual(['order.lost', 'order.paid']);
    expect(await svix.eventType.get('order.paid')).toMatchObject({ description: 'An order was paid', schemas: { 1: schema } });
    expect(await svix.eventType.get('order.lost')).toMatchObject({
      description: 'An order was lost',
      deprecated: true,
      schemas: null,
    });
  });

  it('takes a document as JSON text, and the section x-webhooks', async () => {
    const specRaw = JSON.stringify({ openapi: '3.0.3', 'x-webhooks': { 'a.b': { post: { summary: 'A' } } } });

    expect((await svix.eventType.importOpenapi({ specRaw })).data.modified).toEqual(['a.b']);
  });

  it('lets each schema stand alone, with the definitions that it refers to and no others', async () => {
    const components = {
      schemas: {
        Order: { type: 'object', properties: { lines: { type: 'array', items: { $ref: '#/components/schemas/Line' } } } },
        Line: {
          type: 'object',
          properties: { order: { $ref: '#/components/schemas/Order' }, note: { type: 'string', nullable: true } },
        },
        Other: { type: 'string' },
      },
      requestBodies: { Order: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Order' } } } } },
    };
    await post({
      spec: spec({ 'order.paid': { post: { requestBody: { $ref: '#/components/requestBodies/Order' } } } }, components),
    });
    const { schemas } = (await api().get('/event-type/order.paid')).body;

    expect(schemas['1']).toEqual({
      $ref: '#/definitions/Order',
      definitions: {
        Order: { type: 'object', properties: { lines: { type: 'array', items: { $ref: '#/definitions/Line' } } } },
        Line: { type: 'object', properties: { order: { $ref: '#/definitions/Order' }, note: { type: ['string', 'null'] } } },
      },
    });
  });

  it('says bounds of OpenAPI 3.0 in the words of JSON Schema, and keeps an example', async () => {
    const schema = { type: 'number', minimum: 1, exclusiveMinimum: true, maximum: 9, exclusiveMaximum: false };
    await post({ spec: spec({ 'a.b': { post: body(schema, { example: 5 }) } }) });
    const { schemas } = (await api().get('/event-type/a.b')).body;

    expect(schemas['1']).toEqual({ type: 'number', exclusiveMinimum: 1, maximum: 9, examples: [5] });
  });

  it('changes nothing in a dry run, and tells what it would change', async () => {
    const { data } = await svix.eventType.importOpenapi({ dryRun: true, spec: spec({ 'a.b': { post: { summary: 'A' } } }) });

    expect(data.modified).toEqual(['a.b']);
    expect(data.toModify).toEqual([expect.objectContaining({ name: 'a.b', description: 'A', deprecated: false })]);
    expect(await names()).toEqual([]);
  });

  it('tells only of what is different, and leaves the rest alone', async () => {
    const webhooks = { 'a.b': { post: { summary: 'A' } }, 'a.c': { post: { summary: 'C' } } };
    await post({ spec: spec(webhooks) });
    const { updatedAt } = (await api().get('/event-type/a.b')).body;
    const again = await post({ spec: spec({ ...webhooks, 'a.c': { post: { summary: 'changed' } } }) });

    expect(again.body.data.modified).toEqual(['a.c']);
    expect((await api().get('/event-type/a.b')).body.updatedAt).toBe(updatedAt);
    expect((await api().get('/event-type/a.c')).body.description).toBe('changed');
  });

  it('brings an archived event type back, and leaves its feature flag', async () => {
    await api().post('/event-type', { name: 'a.b', description: 'A', featureFlag: 'beta' });
    await api().delete('/event-type/a.b');
    await post({ spec: spec({ 'a.b': { post: { summary: 'A' } } }) });

    expect((await api().get('/event-type/a.b')).body).toMatchObject({ archived: false, featureFlag: 'beta' });
  });

  it('archives what the document does not have, if that is asked for', async () => {
    await api().post('/event-type', { name: 'old', description: '' });
    const { body: answer } = await post({ replaceAll: true, spec: spec({ new: { post: {} } }) });

    expect(answer.data.modified.sort()).toEqual(['new', 'old']);
    expect(await names()).toEqual(['new']);
    expect(await names('?include_archived=true')).toEqual(['new', 'old']);
  });

  it.each([
    ['nothing', {}],
    ['both', { spec: spec({}), specRaw: '{}' }],
    ['neither JSON nor YAML', { specRaw: 'openapi: 3.1.0: 1' }],
    ['no document', { spec: [] }],
    ['a name that no event type can have', { spec: spec({ 'a b': { post: {} } }) }],
    ['a webhook without operation', { spec: spec({ a: {} }) }],
    ['a schema that is none', { spec: spec({ a: { post: body({ type: 'text' }) } }) }],
    ['a reference that leads nowhere', { spec: spec({ a: { post: body({ $ref: '#/components/schemas/None' }) } }) }],
    ['a reference into the document', { spec: spec({ a: { post: body({ $ref: '#/info' }) } }) }],
    [
      'a schema nested too deeply',
      { spec: spec({ a: { post: body(JSON.parse('{"not":'.repeat(600) + 'true' + '}'.repeat(600))) } }) },
    ],
  ])('refuses %s, and then makes nothing', async (_what, given) => {
    const { status, body: answer } = await post(given);

    expect(status).toBe(422);
    expect(answer.detail[0].loc[0]).toBe('body');
    expect(await names()).toEqual([]);
  });

  it("is not for an application's token", async () => {
    expect((await app.as(app.appTokenFor('app_any', orgId)).post('/event-type/import/openapi', { spec: spec({}) })).status).toBe(
      403,
    );
  });
});
