import { describe, expect, it } from '@jest/globals';
import { createPublicKey, randomBytes, verify } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { generateSecret, parseSecret } from '../../src/domain/secrets.js';
import { signatureOf } from '../../src/domain/signature.js';

const SHARED = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const PAIR = 'whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==';
const ID = 'msg_p5jXN8AQM9LWM0D4loKWxJek';
const AT = 1614265330;
const BODY = Buffer.from('{"test": 2432232314}');
const V1 = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=';
const V1A = 'v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==';

describe('signatureOf', () => {
  it.each([
    ['a shared key', [SHARED], V1],
    ['a key pair', [PAIR], V1A],
    ['both, in the order of the keys', [PAIR, SHARED], `${V1A} ${V1}`],
    ['both the other way round', [SHARED, PAIR], `${V1} ${V1A}`],
  ])('gives the known signature for %s', (_, secrets, expected) => {
    expect(signatureOf(secrets.map(parseSecret), ID, AT, BODY)).toBe(expected);
  });

  it('satisfies the verifier of Standard Webhooks with every live key', () => {
    for (let i = 0; i < 50; i++) {
      const secrets = [generateSecret('hmac256'), `whsec_${randomBytes(75).toString('base64')}`];
      const body = JSON.stringify({ text: randomBytes(i * 7).toString('latin1'), n: i });
      const now = Math.floor(Date.now() / 1000);
      const headers = {
        'webhook-id': `msg_${i}`,
        'webhook-timestamp': String(now),
        'webhook-signature': signatureOf(secrets.map(parseSecret), `msg_${i}`, now, Buffer.from(body)),
      };
      for (const secret of secrets) expect(new Webhook(secret).verify(body, headers)).toEqual(JSON.parse(body));
      expect(() => new Webhook(generateSecret('hmac256')).verify(body, headers)).toThrow();
      expect(() => new Webhook(secrets[0]!).verify(`${body} `, headers)).toThrow();
    }
  });

  it('signs the bytes with Ed25519, also where they are not UTF-8', () => {
    const key = parseSecret(generateSecret('ed25519'));
    if (key.kind !== 'ed25519') throw new Error('wrong kind');
    const body = randomBytes(1000);
    const signature = Buffer.from(signatureOf([key], 'msg_1', 5, body).slice('v1a,'.length), 'base64');
    const signed = Buffer.concat([Buffer.from('msg_1.5.'), body]);
    expect(verify(null, signed, createPublicKey(key.privateKey), signature)).toBe(true);
  });

  it('leaves the body as it is', () => {
    const body = Buffer.from(BODY);
    signatureOf([parseSecret(SHARED), parseSecret(PAIR)], ID, AT, body);
    expect(body).toEqual(BODY);
  });
});
