import { describe, expect, it } from '@jest/globals';
import { randomBytes, sign, verify, createPublicKey } from 'node:crypto';
import { generateSecret, InvalidSecret, parseSecret, publicForm } from '../../src/domain/secrets.js';

const PAIR = 'whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==';
const shared = (bytes: number) => `whsec_${randomBytes(bytes).toString('base64')}`;

describe('shared secrets', () => {
  it.each([24, 25, 26, 32, 75])('of %i bytes are taken', (bytes) => {
    const secret = shared(bytes);
    const parsed = parseSecret(secret);
    expect(parsed.kind === 'hmac256' && parsed.key.export()).toEqual(Buffer.from(secret.slice(6), 'base64'));
    expect(publicForm(secret)).toBe(secret);
  });

  it.each([0, 1, 23, 76, 200])('of %i bytes are refused', (bytes) => {
    expect(() => parseSecret(shared(bytes))).toThrow(InvalidSecret);
    expect(() => parseSecret(shared(bytes))).toThrow(/24 to 75 bytes/);
  });

  it('are generated with 24 bytes', () => {
    const secret = generateSecret('hmac256');
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{32}$/);
    expect(parseSecret(secret).kind).toBe('hmac256');
    expect(generateSecret('hmac256')).not.toBe(secret);
  });
});

describe('key pairs', () => {
  it('show only their public half', () => {
    expect(publicForm(PAIR)).toBe('whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=');
  });

  it('are generated so that the two halves fit and can sign', () => {
    const key = parseSecret(generateSecret('ed25519'));
    if (key.kind !== 'ed25519') throw new Error('wrong kind');
    expect(key.publicKey).toHaveLength(32);
    const data = Buffer.from('some message');
    expect(verify(null, data, createPublicKey(key.privateKey), sign(null, data, key.privateKey))).toBe(true);
  });

  it('are refused if their halves do not belong together', () => {
    const bytes = Buffer.from(PAIR.slice(5), 'base64');
    for (const at of [0, 31, 32, 63]) {
      const other = Buffer.from(bytes);
      other[at]! ^= 1;
      expect(() => parseSecret(`whsk_${other.toString('base64')}`)).toThrow(/do not belong together/);
    }
  });

  it.each([32, 63, 65])('of %i bytes are refused', (bytes) => {
    expect(() => parseSecret(`whsk_${randomBytes(bytes).toString('base64')}`)).toThrow(/64 bytes/);
  });
});

describe('what is no secret', () => {
  const good = 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
  it.each([
    ['no prefix', good, /must start with whsec_/],
    ['another prefix', `whsx_${good}`, /must start with whsec_/],
    ['a prefix in capitals', `WHSEC_${good}`, /must start with whsec_/],
    ['a public key', 'whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=', /public key/],
    ['a foreign character', `whsec_${good.slice(0, -1)}!`, /standard base64/],
    ['the URL alphabet', `whsec_${'-_'.repeat(16)}`, /standard base64/],
    ['missing padding', `whsec_${randomBytes(25).toString('base64').replace(/=+$/, '')}`, /standard base64/],
    ['padding that is not needed', `whsec_${good}====`, /standard base64/],
    ['bits behind the last byte', `whsec_${'A'.repeat(33)}B==`, /standard base64/],
    ['white space', `whsec_${good}\n`, /standard base64/],
  ])('%s', (_, text, message) => {
    expect(() => parseSecret(text)).toThrow(InvalidSecret);
    expect(() => parseSecret(text)).toThrow(message);
    expect(() => publicForm(text)).toThrow(InvalidSecret);
  });

  it('is not quoted in the message', () => {
    try {
      parseSecret(`whsec_${good}!`);
    } catch (error) {
      expect(String(error)).not.toContain(good);
    }
    expect.assertions(1);
  });
});
