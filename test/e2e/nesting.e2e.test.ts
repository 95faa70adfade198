import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { POLLER_TIMING } from '../../src/api/poller/poller-timing.js';
import { Message } from '../../src/database/entities/message.entity.js';
import { MAX_LEVELS } from '../../src/domain/json-depth.js';
import { startApp, type TestApp } from '../support/app.js';
import { belongings, type Belongings } from '../support/belongings.js';
import { aMessage, anApplication, anEndpoint } from '../support/factories.js';
import { apiAt } from '../support/api.js';
import { idsAt, operations } from '../support/operations.js';
import { until } from '../support/until.js';

const WAIT_MS = 30_000;
const object = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
const list = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
const message = (payload: string) => `{"eventType":"order.paid","payload":${payload}}`;

let app: TestApp;
let own: Belongings;
let appId: string;

beforeAll(async () => {
  app = await startApp({}, (nest) => Object.assign(nest.get(POLLER_TIMING), { settledAfterMs: 50 }));
  own = await belongings(app, app.token);
  appId = (await anApplication(app)).id;
});
afterAll(() => app?.stop());

const send = (path: string, body: string, method = 'post') => app.api.raw(method, path, { body });
const messages = async () => (await app.api.get(`/app/${appId}/msg`)).body.data;
const raw = (rawPayload: string) =>
  JSON.stringify({ eventType: 'order.paid', payload: {}, transformationsParams: { rawPayload } });

describe('a body that is nested too deeply', () => {
  it.each(operations().filter(({ body }) => body !== undefined && !Array.isArray(body)))(
    'is refused by $key',
    async (operation) => {
      const ids = idsAt(operation.path, own);
      const path = operation.path.replace(/\{(\w+)\}/g, (_all, name: string) => encodeURIComponent(ids[name] ?? 'nobody'));
      const deep = JSON.stringify(operation.body)
        .replace(/^\{/, `{"deep":${object(5_000)},`)
        .replace(/,\}$/, '}');
      const token = operation.for === 'operator' ? app.operatorToken() : app.token;
      const { status, body } = await apiAt(app.url, token).raw(operation.method, path, { body: deep });

      expect(status).toBe(422);
      expect(body.detail).toEqual([{ loc: ['body'], msg: expect.stringContaining(`${MAX_LEVELS} levels`), type: 'value_error' }]);
    },
  );

  it('keeps nothing, and one at the limit is kept and shown', async () => {
    const before = (await messages()).length;
    const levels = [MAX_LEVELS, MAX_LEVELS + 1, 4_000, 100_000].map((all) => object(all - 1));
    const statuses = [];
    for (const payload of levels) statuses.push((await send(`/app/${appId}/msg`, message(payload))).status);

    expect(statuses).toEqual([202, 422, 422, 422]);
    expect((await messages()).length).toBe(before + 1);
  });

  it('is one of a batch, and the others are kept', async () => {
    const batch = [message('{}'), message(object(MAX_LEVELS)), message(object(MAX_LEVELS - 1)), list(100_000)];
    for (const body of [`[${batch.join(',')}]`, `{"messages":[${batch.join(',')}]}`]) {
      const { status, body: answer } = await send(`/app/${appId}/msg/batch`, body);

      expect([status, answer.data.map((item: any) => item.status)]).toEqual([202, [202, 422, 202, 422]]);
      expect(answer.data[1].body.detail[0].msg).toContain(`${MAX_LEVELS} levels`);
    }
  });

  it('may be a raw payload: refused where it is a JSON object, else it is only text', async () => {
    const texts = [object(MAX_LEVELS), object(MAX_LEVELS + 1), object(4_500), `${object(4_500)}.`, list(4_500)];
    const statuses = [];
    for (const text of texts) statuses.push((await send(`/app/${appId}/msg`, raw(text))).status);

    expect(statuses).toEqual([202, 422, 422, 202, 202]);
  });

  it('may be an OpenAPI document, as JSON or as text', async () => {
    const spec = (schema: string) =>
      `{"openapi":"3.1.0","webhooks":{"deep":{"post":{"requestBody":{"content":{"application/json":{"schema":${schema}}}}}}}}`;
    const deep = spec(`{"const":${object(MAX_LEVELS)}}`);

    expect((await send('/event-type/import/openapi', `{"spec":${deep}}`)).status).toBe(422);
    expect((await send('/event-type/import/openapi', JSON.stringify({ specRaw: deep }))).body.detail[0]).toMatchObject({
      loc: ['body', 'specRaw'],
      msg: expect.stringContaining(`${MAX_LEVELS} levels`),
    });
    expect((await app.api.get('/event-type/deep')).status).toBe(404);
  });

  it('is told of in the OpenAPI document', async () => {
    const { body: document } = await app.root.get('/api/v1/openapi.json');

    expect(document.info.description).toContain(`${MAX_LEVELS} levels`);
    expect(document.paths['/api/v1/app'].post.responses[422].description).toContain(`${MAX_LEVELS} levels`);
  });

  it('is none that an export can have', async () => {
    const schemas = `{"1":{"const":${object(MAX_LEVELS - 3)}}}`;
    expect((await send('/event-type', `{"name":"brim","description":"","schemas":${schemas}}`)).status).toBe(201);
    const response = await fetch(`${app.url}/api/v1/environment/export`, {
      method: 'POST',
      headers: { authorization: `Bearer ${app.token}` },
    });

    expect((await send('/environment/import', await response.text())).status).toBe(204);
  });
});

describe('a payload that an earlier release took, deeper than any now', () => {
  it('spoils neither lists nor polls', async () => {
    const own = (await anApplication(app)).id;
    const { id: sink } = await anEndpoint(app, own, { disabled: true });
    const { id } = await aMessage(app, own);
    const deep = object(50_000);
    await app.nest.get(DataSource).manager.update(Message, { appId: own, id }, { payload: Buffer.from(deep) });
    const text = async (path: string) =>
      (await fetch(`${app.url}/api/v1${path}`, { headers: { authorization: `Bearer ${app.token}` } })).text();

    expect(await text(`/app/${own}/msg/${id}`)).toContain(deep);
    expect(await text(`/app/${own}/msg`)).toContain(deep);
    await until(async () => (await text(`/app/${own}/poller/${sink}`)).includes(deep), WAIT_MS, 'the message in a poll');
  });
});

describe('a payload that is no UTF-8', () => {
  it('is shown in base64', async () => {
    const own = (await anApplication(app)).id;
    const { id } = await aMessage(app, own);
    const payload = Buffer.from([0x7b, 0xff, 0x7d]);
    await app.nest.get(DataSource).manager.update(Message, { appId: own, id }, { payload });

    expect((await app.api.get(`/app/${own}/msg/${id}`)).body.payload).toEqual({ rawPayload: 'e/99', encoding: 'base64' });
  });
});
