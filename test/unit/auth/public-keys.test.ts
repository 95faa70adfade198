import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { PublicKeys } from '../../../src/api/auth/public-keys.js';
import { Tokens } from '../../../src/api/auth/tokens.js';
import { loadConfig } from '../../../src/config/config.js';
import { createLog } from '../../../src/observability/log.js';
import {
  aPair,
  signedBy,
  startIdentityProvider,
  type IdentityProvider,
  type SigningPair,
} from '../../support/identity-provider.js';
import { claimsFor, signToken } from '../../support/tokens.js';

const LOG = createLog('silent');
const ORG = 'org_provider';
const SECRET = 'secret'.repeat(8);
const PAIRS = { RS256: aPair('RS256'), ES256: aPair('ES256'), EdDSA: aPair('EdDSA') };
const OTHER = aPair('EdDSA');
const all = Object.values(PAIRS);
const refused = { status: 401, detail: 'Invalid token' };
const P256_ORDER = BigInt('0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551');

/** Tokens and keys as a process has them. */
function verifier(publicKeys: string, more: Record<string, string> = {}): { tokens: Tokens; keys: PublicKeys } {
  const environment = { JWT_SECRET: SECRET, ENCRYPTION_KEY: Buffer.alloc(32).toString('base64'), JWT_PUBLIC_KEYS: publicKeys };
  const config = loadConfig({ ...environment, ...more }, () => undefined as never);
  const keys = new PublicKeys(config, LOG);
  return { tokens: new Tokens(config, keys), keys };
}

const jwks = JSON.stringify({ keys: all.map(({ jwk }) => jwk) });
const pem = all.map((pair) => pair.pem).join('');
const claims = (more = {}) => ({ ...claimsFor({ sub: ORG }), ...more });
const orgOf = async (tokens: Tokens, token: string) => (await tokens.verify(`Bearer ${token}`)).tenant?.orgId;

describe.each([
  ['PEM', pem],
  ['a JWKS document', jwks],
])('with %s', (_what, text) => {
  const { tokens } = verifier(text);

  it.each(all)('a token that $algorithm signed is valid', async (pair) => {
    expect(await orgOf(tokens, signedBy(pair, claims()))).toBe(ORG);
  });

  it('tokens of the secret are valid too', async () => {
    expect(await orgOf(tokens, signToken(SECRET, claims()))).toBe(ORG);
  });

  it('a token of another key is refused, whatever key it names', async () => {
    for (const header of [{}, { kid: undefined }, { kid: PAIRS.EdDSA.kid }, { kid: '../../etc/passwd' }, { kid: 5 }])
      await expect(orgOf(tokens, signedBy(OTHER, claims(), header))).rejects.toMatchObject(refused);
  });

  it('a token that brings its key, or says where it is, is refused', async () => {
    for (const header of [{ jwk: OTHER.jwk }, { jku: 'http://127.0.0.1:9/' }, { x5u: 'http://127.0.0.1:9/' }, { x5c: ['AAAA'] }])
      await expect(orgOf(tokens, signedBy(OTHER, claims(), { ...header, kid: undefined }))).rejects.toMatchObject(refused);
  });

  it.each(all)('the public key of $algorithm is no secret', async ({ pem: known, jwk, kid }) => {
    const secrets = [known, known.trim(), JSON.stringify(jwk), Buffer.from(known.split('\n')[1]!, 'base64')];
    for (const secret of secrets) {
      const input = signToken('x', claims(), { alg: 'HS256', kid }).split('.').slice(0, 2).join('.');
      const forged = `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
      await expect(orgOf(tokens, forged)).rejects.toMatchObject(refused);
    }
  });

  it('a key is used with its own algorithm only', async () => {
    for (const alg of ['RS512', 'PS256', 'HS256', 'none', 'ES256', 'EdDSA'])
      await expect(orgOf(tokens, signedBy(PAIRS.RS256, claims(), { alg }))).rejects.toMatchObject(refused);
  });

  it('nobody is an operator', async () => {
    const token = signedBy(PAIRS.EdDSA, { ...claimsFor({ sub: 'operator' }), operator: true });
    await expect(tokens.verify(`Bearer ${token}`)).rejects.toMatchObject({ status: 400 });
  });

  it('an expired token is refused', async () => {
    const exp = Math.floor(Date.now() / 1000) - 61;
    await expect(orgOf(tokens, signedBy(PAIRS.RS256, claims({ exp })))).rejects.toMatchObject(refused);
  });
});

describe('issuer and audience', () => {
  const { tokens } = verifier(jwks, { JWT_ISSUER: 'https://login.example.com', JWT_AUDIENCE: 'hooks,webhooks' });
  const good = { iss: 'https://login.example.com', aud: ['other', 'webhooks'] };

  it('must be those of the settings', async () => {
    expect(await orgOf(tokens, signedBy(PAIRS.RS256, claims(good)))).toBe(ORG);
    for (const bad of [{ iss: 'https://login.example.com/' }, { iss: undefined }, { aud: 'shop' }, { aud: undefined }])
      await expect(orgOf(tokens, signedBy(PAIRS.RS256, claims({ ...good, ...bad })))).rejects.toMatchObject(refused);
  });

  it('are not asked of tokens of the secret', async () => {
    expect(await orgOf(tokens, signToken(SECRET, claims()))).toBe(ORG);
  });
});

it('another signature that ECDSA takes for the same token has the same name for revocations', async () => {
  const { tokens } = verifier(jwks);
  const token = signedBy(PAIRS.ES256, { ...claims(), jti: undefined });
  const [head, payload, signature] = token.split('.') as [string, string, string];
  const bytes = Buffer.from(signature, 'base64url');
  const s = P256_ORDER - BigInt(`0x${bytes.subarray(32).toString('hex')}`);
  const twin = Buffer.concat([bytes.subarray(0, 32), Buffer.from(s.toString(16).padStart(64, '0'), 'hex')]);

  const [one, other] = await Promise.all(
    [token, `${head}.${payload}.${twin.toString('base64url')}`].map((each) => tokens.verify(`Bearer ${each}`)),
  );

  expect([one!.hash === other!.hash, one!.name === other!.name]).toEqual([false, true]);
});

describe('with the URL of a document', () => {
  let provider: IdentityProvider;
  let tokens: Tokens;
  let keys: PublicKeys;
  const valid = (pair: SigningPair) => orgOf(tokens, signedBy(pair, claims()));

  beforeEach(async () => {
    provider = await startIdentityProvider(PAIRS.RS256, PAIRS.EdDSA);
    ({ tokens, keys } = verifier(provider.url));
  });
  afterEach(async () => {
    await keys.onApplicationShutdown();
    await provider.stop();
  });

  it('is read once, and not for each token', async () => {
    await Promise.all([valid(PAIRS.RS256), valid(PAIRS.EdDSA), valid(PAIRS.RS256)]);
    await valid(PAIRS.RS256);
    expect(provider.asked).toBe(1);
  });

  it('made-up keys do not make it be read again and again', async () => {
    await valid(PAIRS.RS256);
    for (let n = 0; n < 20; n++)
      await expect(orgOf(tokens, signedBy(OTHER, claims(), { kid: `made-up-${n}` }))).rejects.toMatchObject(refused);
    expect(provider.asked).toBe(1);
  });

  it('a token of the secret does not wait for it', async () => {
    provider.answer = () => undefined;
    expect(await orgOf(tokens, signToken(SECRET, claims()))).toBe(ORG);
    expect(provider.asked).toBe(0);
  });

  it.each([
    ['is away', (provider: IdentityProvider) => provider.stop()],
    ['answers 500', (provider: IdentityProvider) => void (provider.answer = (response) => response.writeHead(500).end())],
    ['answers nonsense', (provider: IdentityProvider) => void (provider.answer = (response) => response.end('<html>'))],
    ['has no usable key', (provider: IdentityProvider) => void (provider.pairs = [])],
    [
      'redirects',
      (provider: IdentityProvider) =>
        void (provider.answer = (response) => response.writeHead(302, { location: provider.url }).end()),
    ],
    ['is endless', (provider: IdentityProvider) => void (provider.answer = (response) => response.end('x'.repeat(300_000)))],
    ['never answers', (provider: IdentityProvider) => void (provider.answer = () => undefined)],
  ])(
    'that %s from the start: tokens of its keys get 503',
    async (_what, breakIt) => {
      await breakIt(provider);
      await expect(valid(PAIRS.RS256)).rejects.toMatchObject({ status: 503 });
      expect(await orgOf(tokens, signToken(SECRET, claims()))).toBe(ORG);
    },
    30_000,
  );

  it('the last keys stay while it is away', async () => {
    await valid(PAIRS.RS256);
    await provider.stop();
    expect(await valid(PAIRS.EdDSA)).toBe(ORG);
    expect(await orgOf(tokens, signedBy(PAIRS.RS256, claims({ other: 1 })))).toBe(ORG);
  });

  it('a new key is known at its first token, and tokens of one that is gone are refused, also those in the cache', async () => {
    const token = signedBy(PAIRS.RS256, claims());
    expect(await orgOf(tokens, token)).toBe(ORG);
    provider.pairs = [PAIRS.EdDSA, PAIRS.ES256];
    // A made-up token may ask for the document every half minute.
    const clock = jest.spyOn(performance, 'now').mockReturnValue(performance.now() + 31_000);
    try {
      expect(await valid(PAIRS.ES256)).toBe(ORG);
      await expect(orgOf(tokens, token)).rejects.toMatchObject(refused);
    } finally {
      clock.mockRestore();
    }
    expect(provider.asked).toBe(2);
  });

  it('weak and symmetric keys in it are left out', async () => {
    const weak = aPair('RS256', 1024);
    provider.pairs = [PAIRS.RS256, weak, { ...OTHER, jwk: { kty: 'oct', k: 'c2VjcmV0', kid: 'oct' } }];
    expect(await valid(PAIRS.RS256)).toBe(ORG);
    await expect(valid(weak)).rejects.toMatchObject(refused);
  });
});
