import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { BadConfiguration, loadConfig } from '../../../src/config/config.js';
import { parsePublicKeys } from '../../../src/config/public-keys.js';
import { aPair } from '../../support/identity-provider.js';

const [RSA, EC, ED] = [aPair('RS256'), aPair('ES256'), aPair('EdDSA')];
const jwks = (...keys: object[]) => JSON.stringify({ keys });
const algorithmsOf = (text: string) => {
  const parsed = parsePublicKeys(text);
  if ('problem' in parsed) return parsed.problem;
  return parsed.keys?.map(({ algorithm, kid }) => `${algorithm} ${kid}`);
};
const privatePem = RSA.privateKey.export({ format: 'pem', type: 'pkcs8' }) as string;

describe('JWT_PUBLIC_KEYS takes', () => {
  it('PEM, also with line breaks written as a backslash and an n', () => {
    expect(algorithmsOf(RSA.pem + EC.pem + ED.pem)).toEqual(['RS256 null', 'ES256 null', 'EdDSA null']);
    expect(algorithmsOf(ED.pem.trim().replaceAll('\n', '\\n'))).toEqual(['EdDSA null']);
  });

  it('a JWKS document, without the keys that are for something else', () => {
    const others = [
      { ...RSA.jwk, use: 'enc' },
      { ...RSA.jwk, alg: 'RS512' },
      { ...EC.jwk, key_ops: ['deriveKey'] },
    ];
    expect(algorithmsOf(jwks(RSA.jwk, EC.jwk, ED.jwk, ...others))).toEqual([
      `RS256 ${RSA.kid}`,
      `ES256 ${EC.kid}`,
      `EdDSA ${ED.kid}`,
    ]);
  });

  it('an https URL', () => {
    expect(parsePublicKeys('https://login.example.com/jwks')).toEqual({ keys: null, url: 'https://login.example.com/jwks' });
  });
});

describe('JWT_PUBLIC_KEYS refuses', () => {
  it.each([
    ['a weak RSA key', aPair('RS256', 1024).pem, /too weak: it has 1024 bits/],
    ['a weak RSA key in a document', jwks(RSA.jwk, aPair('RS256', 1024).jwk), /too weak/],
    ['a private key', privatePem, /private key/],
    ['a private key in a document', jwks(RSA.privateKey.export({ format: 'jwk' })), /private key/],
    ['a symmetric key', jwks(RSA.jwk, { kty: 'oct', k: 'c2VjcmV0' }), /symmetric/],
    [
      'another curve',
      generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey.export({ format: 'pem', type: 'spki' }) as string,
      /neither RSA/,
    ],
    ['a damaged key', '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----', /can not be read/],
    ['no key for signatures', jwks({ ...RSA.jwk, use: 'enc' }), /no key for signatures/],
    ['a document that is none', '{"keys": 5}', /JWKS/],
    ['nonsense', 'nonsense', /PEM/],
    ['plain http', 'http://login.example.com/jwks', /https/],
    ['a URL with a password', 'https://a:b@login.example.com/jwks', /without user/],
  ])('%s', (_what, text, problem) => {
    expect(parsePublicKeys(text)).toEqual({ problem: expect.stringMatching(problem) });
    expect(() =>
      loadConfig(
        { JWT_SECRET: 'a', ENCRYPTION_KEY: Buffer.alloc(32).toString('base64'), JWT_PUBLIC_KEYS: text },
        () => undefined as never,
      ),
    ).toThrow(BadConfiguration);
  });

  it('repeats nothing of a private key', () => {
    expect(JSON.stringify(parsePublicKeys(privatePem))).not.toContain(privatePem.slice(40, 60));
  });
});

describe('the configuration', () => {
  const production = {
    NODE_ENV: 'production',
    DATABASE_URL: 'mysql://a:b@c/d',
    REDIS_URL: 'redis://a',
    SQS_QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/123456789012/posthorn',
    JWT_SECRET: 'x'.repeat(32),
    ENCRYPTION_KEY: Buffer.alloc(32).toString('base64'),
    PUBLIC_URL: 'https://hooks.example.com',
  };
  const load = (more: Record<string, string>) => loadConfig({ ...production, ...more }, () => undefined as never);

  it('in production needs an audience with the public keys', () => {
    expect(() => load({ JWT_PUBLIC_KEYS: ED.pem })).toThrow(/JWT_AUDIENCE is missing/);
    expect(load({ JWT_PUBLIC_KEYS: ED.pem, JWT_AUDIENCE: 'hooks, other' }).identityProvider.audience).toEqual(['hooks', 'other']);
  });

  it('in production takes no keys over plain http, not even from this machine', () => {
    expect(() => load({ JWT_PUBLIC_KEYS: 'http://127.0.0.1/jwks', JWT_AUDIENCE: 'a' })).toThrow(/https/);
  });

  it('takes no public key for a secret', () => {
    expect(() => load({ JWT_SECRET: RSA.pem })).toThrow(/is a public key/);
  });
});
