import { createHmac } from 'node:crypto';
import { parseJwtSecrets } from '../../src/config/jwt-secrets.js';
import { newId } from '../../src/domain/ids.js';

const random = new Set<string>();

/** Signs claims as an installation with this secret would (HS256). Made here by hand, so that tests can sign what they like. */
export function signToken(secret: string, claims: Record<string, unknown>): string {
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

/** Claims of a token that is good for an hour. */
export function claimsFor(subject: { sub: string; org?: string }): Record<string, unknown> {
  const now = Math.floor(Date.now() / 1000);
  return { iat: now, nbf: now, exp: now + 3600, iss: 'svix-server', ...subject };
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
