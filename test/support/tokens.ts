import { createHmac, randomUUID } from 'node:crypto';
import { parseJwtSecrets } from '../../src/config/jwt-secrets.js';
import { newId } from '../../src/domain/ids.js';

const random = new Set<string>();

const HEADER = { alg: 'HS256', typ: 'JWT' };
const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Signs claims as an installation with this secret would (HS256). Made here by hand, so that tests can sign what they like. */
export function signToken(secret: string, claims: Record<string, unknown>, header: object = HEADER): string {
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${encode(header)}.${encode(claims)}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

/** Claims of a token that is good for an hour. No two are alike, so that one can be revoked without the others. */
export function claimsFor(subject: { sub: string; org?: string }): Record<string, unknown> {
  const now = Math.floor(Date.now() / 1000);
  return { iat: now, nbf: now, exp: now + 3600, iss: 'svix-server', jti: randomUUID(), ...subject };
}

/** The secret that signs, of what JWT_SECRET says. */
export function signingSecret(jwtSecret: string): string {
  return parseJwtSecrets(jwtSecret)?.list[0] ?? '';
}

/** The id of an organisation that no other test knows. */
export function randomOrgId(): string {
  const id = newId('org_');
  random.add(id);
  return id;
}

/** All that `randomOrgId` returned in this test file. */
export function randomOrgIds(): string[] {
  return [...random];
}

/** Other texts that a tolerant reader takes for the same token. */
export const SPELLINGS: [what: string, spell: (token: string) => string][] = [
  ['with padding', (token) => `${token}=`],
  ['with padding of the header', (token) => token.replace('.', '=.')],
  ['with other unused bits', (token) => token.slice(0, -1) + DIGITS[DIGITS.indexOf(token.at(-1)!) + 1]!],
  ['in the other alphabet', (token) => token.replaceAll('-', '+').replaceAll('_', '/') + '=='],
  ['with a fourth part', (token) => `${token}.`],
  ['with a line break', (token) => `${token.slice(0, -4)}%0A${token.slice(-4)}`],
];
