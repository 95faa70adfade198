import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';
import { anApplication, anEndpoint } from '../support/factories.js';

const ID = '2YBXZIko2xmy0s5Rm9N5U7PhHgu';

let app: TestApp;
let appId: string;

beforeAll(async () => {
  app = await startApp();
  appId = (await anApplication(app)).id;
});
afterAll(() => app?.stop());

/** The answer to any request of the organisation, and how long its text is. */
async function get(path: string, headers: Record<string, string> = {}) {
  const answer = await fetch(`${app.url}/api/v1${path}`, { headers: { authorization: `Bearer ${app.token}`, ...headers } });
  const text = await answer.text();
  return { status: answer.status, length: text.length, body: text === '' ? null : JSON.parse(text) };
}

describe('a path', () => {
  it.each([
    ['a part of 2,048 characters', `/app/${'a'.repeat(2_048)}`, 404],
    ['a part of 2,049 characters', `/app/${'a'.repeat(2_049)}`, 414],
    ['a part of 15,000 characters', `/app/${'a'.repeat(15_000)}`, 414],
    ['7,000 parts', `/app${'/a'.repeat(7_000)}`, 404],
    ['7,000 slashes', `/app${'/'.repeat(7_000)}${'a'}`, 404],
    ['parts that are percent-encoded', `/app/${'%61'.repeat(4_000)}`, 414],
    ['a name of the prototype', '/app/__proto__', 404],
    ['more than 16 KiB', `/app/${'a'.repeat(17_000)}`, 431],
  ])('with %s is answered %#', async (_what, path, status) => {
    const answer = await get(path);

    expect(answer).toMatchObject({ status, body: { code: expect.any(String), detail: expect.any(String) } });
    expect(answer.length).toBeLessThan(500);
  });
});

describe('a query', () => {
  const times = (count: number, parameter: string) => Array.from({ length: count }, () => parameter).join('&');

  it.each([
    ['a thousand limits', times(1_000, 'limit=1'), 400],
    ['hundreds of iterators', times(300, `iterator=msg_${ID}`), 400],
    ['hundreds of event types', times(500, 'event_types=a'), 200],
    ['hundreds of event types with their places', Array.from({ length: 500 }, (_, n) => `event_types[${n}]=a`).join('&'), 200],
    ['hundreds of wrong event types', times(500, 'event_types=%3F'), 422],
    ['a thousand unknown parameters', Array.from({ length: 1_500 }, (_, n) => `p${n}=1`).join('&'), 200],
    ['a thousand empty parameters', '&'.repeat(10_000), 200],
    ['a name of the prototype', '__proto__[limit]=1&__proto__=1&constructor=1', 200],
    ['a long iterator', `iterator=${'m'.repeat(15_000)}`, 422],
    ['an iterator of a long id', `iterator=-msg_${ID}${ID}`, 422],
    ['a limit of a thousand digits', `limit=${'9'.repeat(1_000)}`, 400],
    ['a limit in another way of writing', 'limit=1e2', 400],
    ['a long time', `before=2026-01-01T00:00:00.${'0'.repeat(10_000)}Z`, 400],
    ['a long channel', `channel=${'a'.repeat(10_000)}`, 422],
    ['a long tag', `tag=${'a'.repeat(10_000)}`, 422],
  ])('with %s is answered %#', async (_what, query, status) => {
    const answer = await get(`/app/${appId}/msg?${query}`);

    expect(answer.status).toBe(status);
    expect(answer.length).toBeLessThan(20_000);
  });
});

it('a request with hundreds of headers is answered', async () => {
  const headers = Object.fromEntries(Array.from({ length: 500 }, (_, n) => [`x-${n}`, 'a']));

  expect((await get('/app', headers)).status).toBe(200);
});

describe('a body', () => {
  const post = async (body: string) => {
    const answer = await app.api.raw('post', `/app/${appId}/msg?with_content=false`, {
      body,
      headers: { authorization: `Bearer ${app.token}` },
    });
    expect(JSON.stringify(answer.body).length).toBeLessThan(20_000);
    return answer.status;
  };
  const message = (payload: string) => `{"eventType":"a","payload":${payload}}`;
  const digits = '9'.repeat(100_000);

  it.each([
    ['numbers of a hundred thousand digits', message(`{"n":${digits},"e":1e${digits}}`), 202],
    ['ten thousand times the same key', message(`{${Array.from({ length: 10_000 }, (_, n) => `"a":${n}`).join(',')}}`), 202],
    ['the payload twice', '{"eventType":"a","payload":5,"payload":{}}', 202],
    ['the payload twice, the last one wrong', '{"eventType":"a","payload":{},"payload":5}', 422],
    ['the prototype', '{"eventType":"a","payload":{"__proto__":{"a":1}},"__proto__":{"tags":[1]},"constructor":1}', 202],
    [
      'a hundred thousand unknown keys',
      `{"eventType":"a","payload":{},${Array.from({ length: 100_000 }, (_, n) => `"k${n}":1`).join(',')}}`,
      202,
    ],
    ['a key of a million characters', `{"eventType":"a","payload":{},"${'k'.repeat(1_000_000)}":1}`, 202],
    ['an event type of a million characters', `{"eventType":"${'a'.repeat(1_000_000)}","payload":{}}`, 422],
    ['a million levels', message('['.repeat(1_000_000) + ']'.repeat(1_000_000)), 422],
    ['a million white spaces', `${' '.repeat(1_000_000)}${message('{}')}`, 202],
    ['a hundred thousand escapes', message(`{"a":"${'\\u0061'.repeat(100_000)}"}`), 202],
    [
      'wrong values everywhere',
      `{"eventType":[],"payload":[],"channels":{},"tags":1,"deliverAt":{},"eventId":[${'1,'.repeat(100_000)}1]}`,
      422,
    ],
  ])('with %s is answered %#', async (_what, body, status) => {
    expect(await post(body)).toBe(status);
  });
});

it('headers of an endpoint with names of the prototype are stored or refused, and change nothing else', async () => {
  const { id } = await anEndpoint(app, appId);
  const path = `/app/${appId}/endpoint/${id}/headers`;
  const headers = JSON.parse('{"__proto__":"a","constructor":"b"}') as object;

  expect([204, 422]).toContain((await app.api.put(path, { headers })).status);
  expect(({} as { a?: unknown }).a).toBeUndefined();
});
