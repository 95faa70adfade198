import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { delivered } from '../../hooks/check.mjs';
import { endpointSecret, faultOf } from '../../hooks/signing.mjs';

const TEXT = 'shared';
const NOW = 1_700_000_000;
const BODY = Buffer.from('{"check":"d-1"}');

function headersOf(secret: string, timestamp = NOW, body = BODY): Record<string, string | undefined> {
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  const signature = createHmac('sha256', key).update(`msg_1.${timestamp}.`).update(body).digest('base64');
  return { 'webhook-id': 'msg_1', 'webhook-timestamp': String(timestamp), 'webhook-signature': `v1,${signature}` };
}
const genuine = () => headersOf(endpointSecret(TEXT));

describe('receiver', () => {
  it('finds a genuine webhook right, also among several signatures', () => {
    const headers = genuine();
    expect(faultOf(TEXT, headers, BODY, NOW)).toBeNull();
    headers['webhook-signature'] = `v1,AAAA v1a,BBBB ${headers['webhook-signature']}`;
    expect(faultOf(TEXT, headers, BODY, NOW)).toBeNull();
  });

  it.each<[string, Record<string, string | undefined>, Buffer, number]>([
    ['another secret', headersOf(endpointSecret('other')), BODY, NOW],
    ['another body', genuine(), Buffer.from('{}'), NOW],
    ['an old timestamp', genuine(), BODY, NOW + 301],
    ['no signature', { ...genuine(), 'webhook-signature': undefined }, BODY, NOW],
    ['another version', { ...genuine(), 'webhook-signature': genuine()['webhook-signature']!.replace('v1', 'v2') }, BODY, NOW],
    ['no number for a timestamp', { ...genuine(), 'webhook-timestamp': 'now' }, BODY, NOW],
  ])('finds fault with %s', (_what, headers, body, now) => {
    expect(faultOf(TEXT, headers, body, now)).toMatch(/\w/);
  });

  it('has a secret that Posthorn takes: base64 of 32 bytes', () => {
    expect(endpointSecret(TEXT)).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  });
});

describe('attempts', () => {
  const attempt = (responseStatusCode: number, response: unknown) => ({
    status: responseStatusCode === 200 ? 0 : 2,
    responseStatusCode,
    response: typeof response === 'string' ? response : JSON.stringify(response),
  });

  it('that reached nobody are waited over: there is another', () => {
    expect(delivered([], 'msg_1')).toBeNull();
    expect(delivered([attempt(0, ''), attempt(502, '<html>')], 'msg_1')).toBeNull();
    expect(delivered([attempt(0, ''), attempt(200, { verified: true, id: 'msg_1' })], 'msg_1')).toBe(true);
  });

  it('are not taken for delivered if the answer was an error, or said nothing of a signature', () => {
    expect(delivered([attempt(500, { verified: true, id: 'msg_1' })], 'msg_1')).toBeNull();
    expect(delivered([attempt(200, { ok: true })], 'msg_1')).toBeNull();
    expect(delivered([attempt(200, 'null')], 'msg_1')).toBeNull();
  });

  it('that the receiver refused, or that were of another message, are the end', () => {
    expect(() => delivered([attempt(400, { verified: false, fault: 'the signature is wrong' })], 'msg_1')).toThrow(
      'the signature is wrong',
    );
    expect(() => delivered([attempt(200, { verified: true, id: 'msg_2' })], 'msg_1')).toThrow('msg_2');
  });
});
