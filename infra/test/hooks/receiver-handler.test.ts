import { createHmac } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { handler } from '../../hooks/receiver.mjs';
import { endpointSecret, mintToken } from '../../hooks/signing.mjs';
import { AwsStandIn } from '../support/stand-ins.ts';

const aws = new AwsStandIn();
const MINUTE_MS = 60_000;
let now = Date.now();
let key = 'a'.repeat(43);

beforeAll(async () => {
  await aws.start();
  process.env.RECEIVER_KEY_ARN = 'arn:key';
  aws.play({ GetSecretValue: () => ({ SecretString: key }) });
});
afterAll(() => aws.stop());
beforeEach(() => {
  // Each test begins when the key of the one before is no longer kept.
  now += 2 * MINUTE_MS;
  aws.calls.length = 0;
  jest.spyOn(Date, 'now').mockImplementation(() => now);
});
afterEach(() => {
  jest.restoreAllMocks();
});

/** A webhook that was signed with the key, sent as a function URL sends it. */
function webhook(text: string, { base64 = true, age = 0, signedWith = key } = {}) {
  const timestamp = String(Math.floor(now / 1000) - age);
  const secret = Buffer.from(endpointSecret(signedWith).replace('whsec_', ''), 'base64');
  const signature = createHmac('sha256', secret).update(`msg_1.${timestamp}.${text}`).digest('base64');
  return {
    headers: { 'webhook-id': 'msg_1', 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` },
    body: base64 ? Buffer.from(text).toString('base64') : text,
    isBase64Encoded: base64,
  };
}
const answer = async (event: Parameters<typeof handler>[0]) => {
  const { statusCode, headers, body } = await handler(event);
  return { statusCode, type: headers['content-type'], ...JSON.parse(body) };
};

describe('receiver', () => {
  it.each([true, false])('answers 200 and the id of a genuine webhook (base64: %s)', async (base64) => {
    expect(await answer(webhook('{"né":1}', { base64 }))).toEqual({
      statusCode: 200,
      type: 'application/json',
      verified: true,
      id: 'msg_1',
    });
  });

  it('answers 400 and why to one that was signed with another key', async () => {
    expect(await answer(webhook('{}', { signedWith: 'b' }))).toEqual({
      statusCode: 400,
      type: 'application/json',
      verified: false,
      fault: 'the signature is wrong',
    });
  });

  it.each([
    [299, 200],
    [-299, 200],
    [301, 400],
    [-301, 400],
  ])('answers a webhook that is %i s old with %i', async (age, status) => {
    expect((await answer(webhook('{}', { age }))).statusCode).toBe(status);
  });

  it('takes a request without a body for one with an empty body', async () => {
    const { body: _none, ...event } = webhook('');
    expect((await answer({ ...event, isBase64Encoded: false })).statusCode).toBe(200);
  });

  it('reads the key once a minute, so that a new one counts soon', async () => {
    await handler(webhook('{}'));
    now += MINUTE_MS - 1_000;
    await handler(webhook('{}'));
    expect(aws.inputsOf('GetSecretValue')).toEqual([{ SecretId: 'arn:key' }]);
    key = 'c'.repeat(43);
    now += 2_000;
    expect((await answer(webhook('{}'))).statusCode).toBe(200);
    expect(aws.inputsOf('GetSecretValue')).toHaveLength(2);
  });
});

describe('the token of the check', () => {
  it('is what the API verifies: HS256, its issuer, from now on, for a quarter of an hour', () => {
    const [head, claims, signature] = mintToken('secret', 'org_1', 1_700_000_000).split('.');
    const parsed = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString());
    expect(parsed(head!)).toEqual({ alg: 'HS256', typ: 'JWT' });
    expect(parsed(claims!)).toEqual({
      iss: 'svix-server',
      sub: 'org_1',
      iat: 1_700_000_000,
      nbf: 1_700_000_000,
      exp: 1_700_000_900,
    });
    expect(createHmac('sha256', 'secret').update(`${head}.${claims}`).digest('base64url')).toBe(signature);
  });
});
