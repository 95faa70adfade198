import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';
import { anApplication, anEndpoint } from '../support/factories.js';
import { until } from '../support/until.js';

let app: TestApp;
let appId: string;

beforeAll(async () => {
  app = await startApp();
  appId = (await anApplication(app)).id;
});
afterAll(() => app?.stop());

const names = (count: number) => Array.from({ length: count }, (_, n) => `type-${n}`);
const keys = (count: number, value: unknown) => Object.fromEntries(names(count).map((name) => [name, value]));

describe('a body is refused with one fault when it has', () => {
  it.each([
    ['10,001 event types of an endpoint', 'endpoint', { url: 'https://example.com', eventTypes: names(10_001) }, 'eventTypes'],
    ['11 channels', 'endpoint', { url: 'https://example.com', channels: names(11) }, 'channels'],
    ['501 headers', 'endpoint', { url: 'https://example.com', headers: keys(501, 'a') }, 'headers'],
    [
      'a description of 65,537 characters',
      'endpoint',
      { url: 'https://example.com', description: 'a'.repeat(65_537) },
      'description',
    ],
    ['a thousand metadata', 'endpoint', { url: 'https://example.com', metadata: keys(2_000, 'a') }, 'metadata'],
    ['1,001 messages to expunge', 'msg/bulk-expunge', { ids: names(1_001) }, 'ids'],
  ])('%s', async (_what, path, body, key) => {
    const answer = await app.api.post(`/app/${appId}/${path}`, body);

    expect(answer).toMatchObject({ status: 422, body: { detail: [{ loc: ['body', key] }] } });
  });

  it('20,001 event types of an environment', async () => {
    const eventTypes = names(20_001).map((name) => ({ name, description: '' }));

    expect(await app.api.post('/environment/import', { eventTypes })).toMatchObject({
      status: 422,
      body: { detail: [{ loc: ['body', 'eventTypes'] }] },
    });
  });
});

it('an endpoint can not collect more headers in several requests than in one', async () => {
  const { id } = await anEndpoint(app, appId);
  const path = `/app/${appId}/endpoint/${id}/headers`;
  const patch = (headers: Record<string, unknown>) => app.api.patch(path, { headers });

  expect((await patch(keys(500, 'a'))).status).toBe(204);
  expect(await patch({ 'x-more': 'a' })).toMatchObject({ status: 422, body: { detail: [{ loc: ['body', 'headers'] }] } });
  expect((await app.api.put(path, { headers: keys(100, 'a'.repeat(4_000)) })).status).toBe(422);
  expect((await patch({ 'x-more': 'a', 'type-0': null })).status).toBe(204);
});

describe('an answer repeats little of a request:', () => {
  const MAX_ANSWER_BYTES = 20_000;
  const refused = async (path: string, body: unknown, method: 'post' | 'put' = 'post') => {
    const { status, body: answer } = await app.api[method](path, body);
    expect(status).toBe(422);
    expect(JSON.stringify(answer).length).toBeLessThan(MAX_ANSWER_BYTES);
    return answer.detail as { loc: string[]; msg: string }[];
  };

  it.each([
    ['half a million wrong event types', Array.from({ length: 520_000 }, () => '?'), 1],
    ['ten thousand wrong event types', Array.from({ length: 10_000 }, () => '?'), 20],
  ])('%s', async (_what, eventTypes, faults) => {
    const url = 'https://example.com';
    const portal = app.as(app.appTokenFor(appId));

    expect(await refused(`/app/${appId}/endpoint`, { url, eventTypes })).toHaveLength(faults);
    expect((await portal.post(`/app/${appId}/endpoint`, { url, eventTypes })).body.detail).toHaveLength(faults);
  });

  it('event types that do not exist', async () => {
    const [{ msg }] = (await refused(`/app/${appId}/endpoint`, { url: 'https://example.com', eventTypes: names(9_000) })) as any;
    expect(msg).toMatch(/^These event types do not exist: type-0, type-1, .*type-9 and 8990 more$/);
  });

  it('the name of a header', async () => {
    const { id } = await anEndpoint(app, appId);
    const path = `/app/${appId}/endpoint/${id}/headers`;

    expect(await refused(path, { headers: { ['é'.repeat(500_000)]: 'a' } }, 'put')).not.toEqual([]);
    expect(await refused(path, { headers: { ['x-svix-'.padEnd(256, 'a')]: 'a' } }, 'put')).toHaveLength(1);
  });

  it('the versions of a schema, and the path to a fault in one', async () => {
    const deep = (levels: number): unknown =>
      levels === 0 ? { type: 5 } : { properties: { ['p'.repeat(500)]: deep(levels - 1) } };
    const schemas = Object.fromEntries(names(100).map((name) => [name, deep(20)]));

    expect(await refused('/event-type', { name: 'deep', description: '', schemas })).toHaveLength(20);
  });

  it('a key in YAML', async () => {
    const key = 'k'.repeat(100_000);
    const faults = await refused('/event-type/import/openapi', { specRaw: `${key}: 1\n${key}: 2\n` });
    expect(faults).toHaveLength(1);
  });

  it('the messages of a batch', async () => {
    const tags = Array.from({ length: 20 }, () => '"');
    const batch = Array.from({ length: 1_000 }, () => ({ eventType: '?'.repeat(300), payload: 1, tags }));
    const { status, body } = await app.api.post(`/app/${appId}/msg/batch`, batch);

    expect([status, body.data.length]).toEqual([202, 1_000]);
    expect(JSON.stringify(body).length).toBeLessThan(500_000);
  });
});

describe('much work', () => {
  const MANY = 10_000;
  const many = names(MANY);
  /** How often the event loop turned until the request was answered. */
  const turnsOf = async (work: () => Promise<unknown>): Promise<number> => {
    let turns = 0;
    let timer = setImmediate(function again() {
      turns++;
      timer = setImmediate(again);
    });
    await work();
    clearImmediate(timer);
    return turns;
  };
  const importAll = async (description: string) => {
    const eventTypes = many.map((name) => ({ name, description }));
    expect((await app.api.post('/environment/import', { eventTypes })).status).toBe(204);
  };

  it('of an import is done in steps, for new and for known event types, and an endpoint may have them all', async () => {
    const turns = await turnsOf(() => importAll('first'));
    await importAll('second');
    const { body } = await app.api.post('/environment/export');

    expect(turns).toBeGreaterThan(MANY / 100);
    expect(body.eventTypes).toHaveLength(MANY);
    expect(body.eventTypes.every(({ description }: any) => description === 'second')).toBe(true);

    const endpoint = await app.api.post(`/app/${appId}/endpoint`, { url: 'https://example.com', eventTypes: many });
    expect([endpoint.status, endpoint.body.eventTypes.length]).toEqual([201, MANY]);
  });

  it('of an OpenAPI document is done once for each component that its webhooks share, and in steps', async () => {
    const component = (n: number) => ({
      type: 'object',
      properties: keys(20, { $ref: `#/components/schemas/c${(n + 1) % 100}` }),
    });
    const schemas = Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`c${n}`, component(n)]));
    const body = (n: number) => ({ content: { 'application/json': { schema: { $ref: `#/components/schemas/%63${n % 100}` } } } });
    const webhooks = Object.fromEntries(names(20).map((name, n) => [name, { post: { requestBody: body(n) } }]));
    const spec = { openapi: '3.1.0', components: { schemas }, webhooks };
    const large = JSON.stringify(spec).length;
    let answer: any;
    const turns = await turnsOf(async () => (answer = await app.api.post('/event-type/import/openapi', { spec, dryRun: true })));

    expect(answer.body.data.modified).toHaveLength(20);
    const [{ schemas: shown }] = answer.body.data.to_modify;
    expect(Object.keys(shown[1].definitions)).toHaveLength(100);
    expect(turns).toBeGreaterThan(large / 32_768);
  });

  it('of more than 20,000 webhooks is refused', async () => {
    const webhooks = Object.fromEntries(Array.from({ length: 20_001 }, (_, n) => [`w${n}`, { post: {} }]));
    const { status, body } = await app.api.post('/event-type/import/openapi', { spec: { webhooks } });

    expect([status, body.detail[0].msg]).toEqual([422, 'Must not have more than 20000 webhooks']);
  });
});

it('a line of the log repeats a thousand characters of a path', async () => {
  await app.root.get(`/${'p'.repeat(12_000)}`);
  await until(() => app.log.some((line) => line.includes('/ppp')), 10_000, 'the line');

  expect(app.log.find((line) => line.includes('/ppp'))!.length).toBeLessThan(2_000);
});
