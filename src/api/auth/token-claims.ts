import { createHash } from 'node:crypto';
import type { JWTPayload } from 'jose';
import { badRequest, type ApiError } from '../http-support/api-error.js';
import type { Tenant, VerifiedToken } from './auth.decorator.js';
import { unauthorized } from './bearer.js';
import { CAPABILITIES } from './capability.js';

/** The subject of an operator's token. */
export const OPERATOR = 'operator';

/** By how much the clocks of issuers may differ from ours. */
export const TOLERANCE_SECONDS = 60;

/** How long a token with a session is valid at most, whoever signed it: revocations of sessions are forgotten after this. */
export const MAX_SESSION_MS = 28 * 24 * 3_600_000;

/** The year 9999: databases store no later times. */
const LAST_TIME_MS = Date.UTC(9999, 0, 1);

/** Printable ASCII without spaces, because databases ignore trailing spaces when they compare. */
const ORG_ID = /^org_[\x21-\x7e]{0,251}$/;
const APP_ID = /^app_[\x21-\x7e]{0,251}$/;
/** A `jti` that can be shown. Any other token is named by its hash. */
const TOKEN_ID = /^[\x21-\x7e]{1,64}$/;
/** What a base64url text without padding is made of. */
const BASE64URL = /^[A-Za-z0-9_-]+$/;

/**
 * Whether each of the three parts is base64url as RFC 7515 writes it: without padding, and with unused bits of 0. Otherwise one token
 * would have several spellings, and a revocation by hash would miss the others.
 */
export function isCanonical(token: string): boolean {
  const parts = token.split('.');
  return (
    parts.length === 3 &&
    parts.every((part) => BASE64URL.test(part) && Buffer.from(part, 'base64url').toString('base64url') === part)
  );
}

/**
 * What the claims of a token say, once its signature and times are checked. Throws 400 or 401 if they name no tenant.
 *
 * @param mayOperate whether whoever signed it may make operators
 */
export function verifiedOf(token: string, claims: JWTPayload, mayOperate: boolean): VerifiedToken {
  const tenant = tenantOf(claims, mayOperate);
  const { exp, iat, iat_ms: issuedMs, session_id: session, jti } = claims;
  const hash = sha256(token).toString('base64url');
  const appId = tenant?.appId ?? null;
  const sessionOf = appId !== null && typeof session === 'string' ? sessionKey(appId, session) : null;
  // A token without a time of issue counts as older than every revocation.
  const issuedAt = timeOf(typeof issuedMs === 'number' ? issuedMs : (iat ?? 0) * 1000);
  // A time of issue in the future would be after every revocation.
  if (issuedAt > Date.now() + TOLERANCE_SECONDS * 1000) throw unauthorized();
  const expires = exp === undefined ? Infinity : timeOf((exp + TOLERANCE_SECONDS) * 1000);
  return {
    id: typeof jti === 'string' && TOKEN_ID.test(jti) ? jti : hash,
    kind: 'jwt',
    tenant,
    hash,
    name: nameOf(token, jti, appId),
    session: sessionOf,
    issuedAt,
    refusedFrom: sessionOf !== null && issuedAt > 0 ? Math.min(expires, issuedAt + MAX_SESSION_MS) : expires,
  };
}

/** The key of a session of an application. */
export function sessionKey(appId: string, sessionId: string): string {
  return sha256(JSON.stringify([appId, sessionId])).toString('base64url');
}

/** SHA-256. */
export function sha256(data: string | Uint8Array): Buffer {
  return createHash('sha256').update(data).digest();
}

/** A time in ms as databases can store it. Earlier times are 1970, and later ones never come. */
function timeOf(ms: number): number {
  return ms < LAST_TIME_MS ? Math.max(0, Math.trunc(ms)) : Infinity;
}

/**
 * The same for all spellings of a token: its `jti`, within its application, or else what is signed. (The signature is left out: an ECDSA
 * signature can be written as another one that is valid too.)
 */
function nameOf(token: string, jti: unknown, appId: string | null): string {
  const text = typeof jti === 'string' ? JSON.stringify(['jti', appId, jti]) : token.slice(0, token.lastIndexOf('.'));
  return sha256(text).toString('base64url');
}

function tenantOf(claims: JWTPayload, mayOperate: boolean): Tenant | null {
  const { sub, org, operator, feature_flags: flags = [], capabilities = null } = claims;
  if (mayOperate && operator === true && sub === OPERATOR) return null;
  if (sub === undefined || sub === null) throw unauthorized('The token has no `sub` claim');
  if (!isTextList(flags) || (capabilities !== null && !isTextList(capabilities))) throw unauthorized();
  const scopes = ['full'] as const;
  if (org === undefined || org === null) {
    if (typeof sub !== 'string' || !ORG_ID.test(sub))
      throw badToken('`sub` must be an organisation id: "org_…", at most 255 characters of ASCII');
    return { orgId: sub, appId: null, featureFlags: flags, capabilities: null, scopes };
  }
  if (typeof org !== 'string' || !ORG_ID.test(org))
    throw badToken('`org` must be an organisation id: "org_…", at most 255 characters of ASCII');
  if (typeof sub !== 'string' || !APP_ID.test(sub)) throw badToken('`sub` must be an application id: "app_…"');
  const known = capabilities && CAPABILITIES.filter((capability) => capabilities.includes(capability));
  return { orgId: org, appId: sub, featureFlags: flags, capabilities: known, scopes };
}

function isTextList(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function badToken(detail: string): ApiError {
  return badRequest('bad_token', detail);
}
