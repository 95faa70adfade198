import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import * as fc from 'fast-check';
import { POLLER_TIMING } from '../../src/api/poller/poller-timing.js';
import { startApp, type TestApp } from '../support/app.js';
import { anApplication, anEndpoint } from '../support/factories.js';
import { jsonObjectText } from '../support/json-texts.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { until } from '../support/until.js';

jest.setTimeout(120_000);
const WAIT_MS = 60_000;
const PAYLOADS = [
  '{"n":[1152921506151679042,18446744073709551615,1e400,-1e400,1.10,-0,123456789012345.123456]}',
  '{ "b" : 1,\n\t"a" : [ ] , "10":1, "2":2 }',
  '{"a":1,"a":2,"__proto__":{"a":1},"constructor":3}',
  String.raw`{"\u0041\/":"\u00e9\ud83d\udc8c\ud800","é":"💌"}`,
  '{}',
  `{"deep":${'['.repeat(500)}1.0${']'.repeat(500)}}`,
  `{"long":"${'é'.repeat(100_000)}","n":1.0}`,
];

let app: TestApp;
let receiver: Receiver;
let appId: string;
let endpointId: string;

beforeAll(async () => {
  app = await startApp({}, (nest) => Object.assign(nest.get(POLLER_TIMING), { settledAfterMs: 50 }));
  receiver = await startReceiver();
  appId = (await anApplication(app)).id;
  endpointId = (await anEndpoint(app, appId, { url: receiver.url })).id;
});
afterAll(async () => {
  await app?.stop();
  await receiver?.stop();
});

/** The text of the answer, which no client has parsed. */
async function call(method: string, path: string, body?: string, headers: Record<string, string> = {}): Promise<string> {
  const authorization = `Bearer ${app.token}`;
  const answer = await fetch(`${app.url}/api/v1${path}`, { method, body: body ?? null, headers: { authorization, ...headers } });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return text;
}

const message = (payload: string) => `{"eventType":"order.paid","payload":${payload}}`;
const idIn = (answer: string) => /"id":"(msg_\w+)"/.exec(answer)![1]!;

/** Every answer that shows a message, by where it is. */
async function shown(id: string): Promise<Record<string, string>> {
  const list = `/app/${appId}/msg`;
  const attempts = `/app/${appId}/attempt`;
  await until(async () => (await call('GET', `${list}/${id}/attempt`)).includes('atmpt_'), WAIT_MS, 'an attempt');
  const poll = () => call('GET', `/app/${appId}/poller/${endpointId}`);
  return {
    get: await call('GET', `${list}/${id}`),
    list: await call('GET', list),
    'list by endpoint': await call('GET', `/app/${appId}/endpoint/${endpointId}/msg`),
    'attempts by endpoint': await call('GET', `${attempts}/endpoint/${endpointId}?with_msg=true`),
    'attempts by message': await call('GET', `${attempts}/msg/${id}?with_msg=true`),
    poll: await until(async () => ((await poll()).includes(id) ? poll() : null), WAIT_MS, 'the message in a poll'),
  };
}

describe('what was sent as a payload', () => {
  it.each(PAYLOADS)('is shown, polled and delivered as it was written: %.60s', async (payload) => {
    const created = await call('POST', `/app/${appId}/msg`, message(payload));
    const answers = { create: created, ...(await shown(idIn(created))) };

    for (const [where, answer] of Object.entries(answers)) {
      expect([where, answer.includes(`"payload":${payload}`)]).toEqual([where, true]);
      JSON.parse(answer);
    }
    expect(receiver.received.map(({ body }) => body.toString())).toContain(payload);
  });

  it('is shown as it was written, whatever it is', async () => {
    const own = (await anApplication(app)).id;
    const property = fc.asyncProperty(jsonObjectText, async (payload) => {
      const created = await call('POST', `/app/${own}/msg`, message(payload));
      const answers = [
        created,
        await call('GET', `/app/${own}/msg/${idIn(created)}`),
        await call('GET', `/app/${own}/msg?limit=1`),
      ];
      for (const answer of answers) expect(answer).toContain(`"payload":${payload},"timestamp"`);
    });
    await fc.assert(property, { seed: 1, numRuns: 60 });
  });

  it('is answered to a repetition in the same bytes', async () => {
    const headers = { 'idempotency-key': `key-${appId}` };
    const body = message('{"id": 1152921506151679042, "a": 1.10}');
    const first = await call('POST', `/app/${appId}/msg`, body, headers);

    expect(first).toContain('"payload":{"id": 1152921506151679042, "a": 1.10}');
    expect(await call('POST', `/app/${appId}/msg`, body, headers)).toBe(first);
  });

  it('is what the official client reads', async () => {
    const payload = { n: 1.5, text: 'é"' };
    const { id } = await app.svix().message.create(appId, { eventType: 'order.paid', payload });

    expect((await app.svix().message.get(appId, id, { withContent: true })).payload).toEqual(payload);
    expect((await app.svix().message.list(appId, { withContent: true })).data[0]!.payload).toEqual(payload);
  });
});

describe('a raw payload', () => {
  const raw = (rawPayload: string, contentType?: string) =>
    JSON.stringify({
      eventType: 'order.paid',
      payload: {},
      transformationsParams: { rawPayload, ...(contentType && { headers: { 'content-type': contentType } }) },
    });

  it.each([
    '<order id="1"/>',
    '',
    ' text ',
    '[1, 2.0]',
    '"text"',
    '12',
    'null',
    '{"a":',
    '{}{}',
    '{a: 1}',
    '\u00a0{}',
    '"rawPayload":1',
  ])('that is no JSON object is shown as text: %j', async (text) => {
    const created = await call('POST', `/app/${appId}/msg`, raw(text));
    const answers = { create: created, ...(await shown(idIn(created))) };

    for (const [where, answer] of Object.entries(answers))
      expect([where, answer.includes(`"payload":${JSON.stringify({ rawPayload: text })}`)]).toEqual([where, true]);
  });

  it('is shown with its content type where it has one of its own', async () => {
    const created = await call('POST', `/app/${appId}/msg`, raw('a;b', 'text/csv'));
    const answers: Record<string, string> = { create: created, ...(await shown(idIn(created))) };

    for (const [where, answer] of Object.entries(answers))
      expect([where, answer.includes('"payload":{"rawPayload":"a;b","contentType":"text/csv"}')]).toEqual([where, true]);
    expect(answers['poll']).toContain('"headers":{"content-type":"text/csv"}');
  });

  it('that is a JSON object is shown as it was written', async () => {
    const text = ' { "id": 1152921506151679042, "id": 1.10 }\n';
    const created = await call('POST', `/app/${appId}/msg`, raw(text));

    for (const answer of [created, ...Object.values(await shown(idIn(created)))]) expect(answer).toContain(`"payload":${text}`);
  });

  it('with half of a surrogate pair, which UTF-8 does not have, is refused', async () => {
    const { status, body } = await app.api.raw('post', `/app/${appId}/msg`, { body: raw('\ud800') });

    expect(status).toBe(422);
    expect(body.detail[0].loc).toEqual(['body', 'transformationsParams', 'rawPayload']);
  });
});
