import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Webhook } from 'svix';
import { startApp, type TestApp } from '../support/app.js';
import { anApplication, anEndpoint } from '../support/factories.js';
import { startReceiver, type Receiver } from '../support/receiver.js';

const WAIT_MS = 60_000;

const PAYLOADS: Record<string, string> = {
  'nothing in it': '{}',
  'keys in their order, numbers among them': '{"z":1,"10":2,"2":3,"a":{"y":1,"x":2}}',
  'white space inside': '{ "a" :\t1 ,\r\n  "b" : [ 1 ,  2 ]\n}',
  'integers beyond 2^53': '{"id":12345678901234567890,"other":-9007199254740993}',
  'numbers in unusual spelling': '{"a":1.0,"b":1E5,"c":-0,"d":0.1000000000000000055511151231257827,"e":1e400,"f":1e-400}',
  escapes: '{"a":"\\u0041\\/\\"\\\\\\b\\f\\n\\r\\t\\u0000\\ud83d\\ude00","\\u0062":1}',
  'half a surrogate pair': '{"a":"\\ud800"}',
  'emoji, combining marks and line separators': '{"a":"😀 e\u0301 ﷽ \u2028\u2029","ключ":"значение"}',
  'duplicate keys deep inside': '{"a":{"b":1,"b":{"c":2,"c":3}},"a":4}',
  'keys of the envelope': '{"payload":{"data":1},"eventType":"other","data":[{"payload":null}]}',
  'keys of objects': '{"__proto__":{"x":1},"constructor":2,"toString":3}',
  'what databases could take for theirs': '{"a":"\'; DROP TABLE message; -- ? ?? :name $1 %s \\\\","b":"\\\\\'"}',
  'half a megabyte of characters of all lengths': `{"text":"${'aé€😀'.repeat(50_000)}"}`,
};
const RAW_TEXTS: Record<string, string> = {
  'no JSON': 'plain text, <b>markup</b>\r\n',
  'broken JSON': '{"a": [1, 2',
  'other characters': 'naïve 😀 \u0000 \u2028',
  'a JSON text that is no object': '  [1, 2.0]  ',
  'nothing at all': '',
};

describe.each(['0', '100'])('with %s %% handed over inside the process, the bytes that arrive', (handoff) => {
  let app: TestApp;
  let appId: string;
  let secret: string;
  let receiver: Receiver;

  beforeAll(async () => {
    app = await startApp({ HANDOFF: handoff });
  });
  beforeEach(async () => {
    receiver = await startReceiver();
    appId = (await anApplication(app)).id;
    const { id } = await anEndpoint(app, appId, { url: receiver.url });
    secret = (await app.api.get(`/app/${appId}/endpoint/${id}/secret`)).body.key;
  });
  afterEach(() => receiver.stop());
  afterAll(() => app?.stop());

  const arrived = async (body: string) => {
    const { status } = await app.api.raw('post', `/app/${appId}/msg?with_content=false`, {
      headers: { 'content-type': 'application/json' },
      body,
    });
    expect(status).toBe(202);
    const [request] = await receiver.got(1, WAIT_MS);
    const { headers, body: bytes } = request!;
    const at = new Date(Number(headers['webhook-timestamp']) * 1000);
    expect(headers['webhook-signature']).toBe(new Webhook(secret).sign(String(headers['webhook-id']), at, bytes.toString()));
    expect(headers['content-length']).toBe(String(bytes.length));
    return bytes;
  };

  it.each(Object.entries(PAYLOADS))('are those of the payload with %s', async (_, payload) => {
    const bytes = await arrived(`{"eventType":"order.paid","payload":${payload}}`);

    expect(bytes.equals(Buffer.from(payload))).toBe(true);
  });

  it('are those of a payload under its other name, wherever it stands in the body', async () => {
    const bytes = await arrived('\n{ "tags": ["x}"], "data" :  { "n": 1.50 }  , "eventType" : "order.paid" }\n');

    expect(bytes.toString()).toBe('{ "n": 1.50 }');
  });

  it('are those of the last of several payloads, which is the one that counts in JSON', async () => {
    const bytes = await arrived('{"payload":{"n":1},"eventType":"order.paid","pay\\u006coad":{"n": 2}}');

    expect(bytes.toString()).toBe('{"n": 2}');
  });

  it.each(Object.entries(RAW_TEXTS))('are those of a raw payload that is %s', async (_, rawPayload) => {
    const bytes = await arrived(
      JSON.stringify({ eventType: 'order.paid', payload: { not: 'sent' }, transformationsParams: { rawPayload } }),
    );

    expect(bytes.toString()).toBe(rawPayload);
  });
});
