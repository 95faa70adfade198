import { describe, expect, it } from '@jest/globals';
import { Tokens } from '../../../src/api/auth/tokens.js';
import { loadConfig } from '../../../src/config/config.js';
import { signToken, claimsFor } from '../../support/tokens.js';

const [OLD, NEW, OTHER] = ['old'.repeat(12), 'new'.repeat(12), 'other'.repeat(8)] as const;
const ENCRYPTION_KEY = Buffer.alloc(32, 1).toString('base64');
const ORG = 'org_rotation';

const tokensOf = (JWT_SECRET: string) => new Tokens(loadConfig({ JWT_SECRET, ENCRYPTION_KEY }, () => undefined as never));
const signedBy = (secret: string, claims: Record<string, unknown> = claimsFor({ sub: ORG })) =>
  `Bearer ${signToken(secret, claims)}`;
const orgOf = async (tokens: Tokens, authorization: string) => (await tokens.verify(authorization)).tenant?.orgId;

describe('tokens of a list of secrets', () => {
  it('are signed with the first', async () => {
    const token = `Bearer ${await tokensOf(`${NEW},${OLD}`).mint(ORG)}`;

    expect(await orgOf(tokensOf(NEW), token)).toBe(ORG);
    await expect(tokensOf(OLD).verify(token)).rejects.toMatchObject({ status: 401 });
  });

  it.each([NEW, OLD, `${NEW},${OLD}`])('are valid if any of them signed, or the whole value: %s', async (secret) => {
    expect(await orgOf(tokensOf(`${NEW},${OLD}`), signedBy(secret))).toBe(ORG);
  });

  it.each([OTHER, `${OLD},${NEW}`, ','])('are invalid if something else signed: %s', async (secret) => {
    await expect(tokensOf(`${NEW},${OLD}`).verify(signedBy(secret))).rejects.toMatchObject({ status: 401 });
    await expect(tokensOf(`${NEW},`).verify(signedBy(secret))).rejects.toMatchObject({ status: 401 });
  });

  it.each([NEW, OLD])('expire, whichever signed', async (secret) => {
    const expired = { ...claimsFor({ sub: ORG }), exp: Math.floor(Date.now() / 1000) - 61 };
    await expect(tokensOf(`${NEW},${OLD}`).verify(signedBy(secret, expired))).rejects.toMatchObject({ status: 401 });
  });

  it.each([NEW, OLD])('need a tenant, whichever signed', async (secret) => {
    await expect(tokensOf(`${NEW},${OLD}`).verify(signedBy(secret, { sub: 'user_1' }))).rejects.toMatchObject({ status: 400 });
  });

  it('have the same hash for revocations in processes with different lists', async () => {
    const token = signedBy(OLD);
    const hashes = [OLD, `${OLD},${NEW}`, `${NEW},${OLD}`].map(async (list) => (await tokensOf(list).verify(token)).hash);

    expect(new Set(await Promise.all(hashes)).size).toBe(1);
  });

  it.each([NEW, OLD, `${NEW},${OLD}`])('are not the secrets themselves: the answer says so (%s)', async (secret) => {
    await expect(tokensOf(`${NEW},${OLD}`).verify(`Bearer ${secret}`)).rejects.toThrow('This is the signing secret');
  });
});

it('a token with a session is valid for 28 days at most, however late it expires', async () => {
  const now = Math.floor(Date.now() / 1000);
  const issued = (daysAgo: number, more: object) => ({
    sub: 'app_1',
    org: ORG,
    iat: now - daysAgo * 86_400,
    exp: now + 86_400,
    ...more,
  });
  const tokens = tokensOf(NEW);
  expect(await orgOf(tokens, signedBy(NEW, issued(27, { session_id: 'a' })))).toBe(ORG);
  expect(await orgOf(tokens, signedBy(NEW, issued(29, {})))).toBe(ORG);
  await expect(tokens.verify(signedBy(NEW, issued(29, { session_id: 'a' })))).rejects.toMatchObject({ status: 401 });
});

describe('a secret from before lists that contains a comma', () => {
  const LEGACY = `${OLD},${OTHER}`;

  it('verifies the tokens that it signed', async () => {
    expect(await orgOf(tokensOf(LEGACY), signedBy(LEGACY))).toBe(ORG);
  });

  it('signs as before when its comma is written \\,', async () => {
    const escaped = LEGACY.replace(',', '\\,');
    const token = await tokensOf(escaped).mint(ORG);

    expect(token).toBe(resigned(token, LEGACY));
    expect(await orgOf(tokensOf(`${escaped},${NEW}`), signedBy(LEGACY))).toBe(ORG);
    expect(await orgOf(tokensOf(`${NEW},${escaped}`), signedBy(LEGACY))).toBe(ORG);
  });
});

/** The same token, signed with this secret. */
function resigned(token: string, secret: string): string {
  return signToken(secret, JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()));
}
