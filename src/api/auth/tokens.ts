import { createHash, randomUUID, timingSafeEqual } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { errors, jwtVerify, SignJWT, type JWTPayload } from 'jose';
import { LRUCache } from 'lru-cache';
import { APP_CONFIG, type AppConfig } from '../../config/config.js';
import { ApiError, badRequest } from '../http-support/api-error.js';
import type { Tenant, VerifiedToken } from './auth.decorator.js';
import { CAPABILITIES, type Capability } from './capability.js';

/** The tenant of tokens that are created without one. */
export const DEFAULT_ORG_ID = 'org_23rb8YdGqMT0qIzpgGwdXfHirMu';

/** The subject of an operator's token. */
export const OPERATOR = 'operator';

const ISSUER = 'svix-server';
const TOLERANCE_SECONDS = 15 * 60;
const ORG_TOKEN_SECONDS = 10 * 365 * 24 * 3600;
const APP_TOKEN_SECONDS = 28 * 24 * 3600;
const CACHED_TOKENS = 10_000;
const CACHED_CHARS = 16 * 1024 * 1024;
/** Printable ASCII without spaces, because databases ignore trailing spaces when they compare. */
const ORG_ID = /^org_[\x21-\x7e]{0,251}$/;
/** A `jti` that can be shown. Any other token is named by its hash. */
const TOKEN_ID = /^[\x21-\x7e]{1,64}$/;
const APP_ID = /^app_[\x21-\x7e]{0,251}$/;

/** Limits of a token for an application. */
export interface AppTokenLimits {
  featureFlags: string[];
  /** Null for everything. */
  capabilities: readonly Capability[] | null;
  /** Null for the default, 28 days. */
  lifetimeSeconds: number | null;
  /** Tokens with the same name can be expired together. */
  sessionId: string | null;
}

/**
 * Creates and verifies the tokens of the API: JWTs that are signed with HS256. The first configured secret signs; a token is valid if any
 * of them signed it, so that secrets can change while processes with the old and the new list serve the same tokens.
 *
 * Verified tokens are cached, because verifying a signature costs more than all other work before the handler. The time of expiry
 * is checked for each request.
 */
@Injectable()
export class Tokens {
  private readonly key: Uint8Array;
  private readonly verifyingKeys: readonly Uint8Array[];
  private readonly verified = new LRUCache<string, VerifiedToken>({
    max: CACHED_TOKENS,
    maxSize: CACHED_CHARS,
    sizeCalculation: (_verified, token) => token.length,
  });

  constructor(@Inject(APP_CONFIG) config: Pick<AppConfig, 'auth'>) {
    const encoder = new TextEncoder();
    this.key = encoder.encode(config.auth.jwtSecret);
    this.verifyingKeys = config.auth.verifyingSecrets.map((secret) => encoder.encode(secret));
  }

  /** Verifies the token of the header. Throws 401 if it is invalid, 400 if it names no tenant. Does not check revocations. */
  async verify(authorization: string | undefined): Promise<VerifiedToken> {
    const token = /^bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
    if (token === undefined) throw unauthorized();
    const known = this.verified.get(token);
    if (known && known.refusedFrom > Date.now()) return known;
    const verified = verifiedOf(token, await this.claimsOf(token));
    this.verified.set(token, verified);
    return verified;
  }

  /** A token for a whole tenant. It is valid for ten years. */
  mint(orgId: string): Promise<string> {
    return this.sign({ sub: orgId }, ORG_TOKEN_SECONDS);
  }

  /** A token for an operator of the whole installation. It is valid for ten years. */
  mintOperator(): Promise<string> {
    return this.sign({ sub: OPERATOR, operator: true }, ORG_TOKEN_SECONDS);
  }

  /** A token for one application of a tenant. */
  mintApp(orgId: string, appId: string, limits: AppTokenLimits): Promise<string> {
    const { featureFlags, capabilities, lifetimeSeconds, sessionId } = limits;
    const claims = {
      sub: appId,
      org: orgId,
      feature_flags: featureFlags,
      ...(capabilities && { capabilities }),
      ...(sessionId !== null && { session_id: sessionId }),
    };
    return this.sign(claims, lifetimeSeconds ?? APP_TOKEN_SECONDS);
  }

  /** The token contains its time of issue in milliseconds, so that one created right after a revocation is accepted. */
  private sign(claims: JWTPayload, lifetimeSeconds: number): Promise<string> {
    const now = nowSeconds();
    return new SignJWT({ iss: ISSUER, jti: randomUUID(), iat_ms: Date.now(), ...claims })
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
      .setIssuedAt(now)
      .setNotBefore(now)
      .setExpirationTime(now + lifetimeSeconds)
      .sign(this.key);
  }

  private async claimsOf(token: string): Promise<JWTPayload> {
    try {
      const payload = await this.signedClaims(token);
      if (payload.iat !== undefined && payload.iat > nowSeconds() + TOLERANCE_SECONDS) throw unauthorized();
      return payload;
    } catch (error) {
      if (!(error instanceof errors.JOSEError || error instanceof TypeError)) throw error;
      if (this.isSecret(token))
        throw unauthorized('This is the signing secret, not a token. Create a token with it, for example with "npm run token"');
      throw unauthorized();
    }
  }

  /** Tries one secret after the other. Any fault but a wrong signature is final: the token is genuine then, and expired for example. */
  private async signedClaims(token: string): Promise<JWTPayload> {
    let refusal: unknown;
    for (const key of this.verifyingKeys) {
      try {
        return (await jwtVerify(token, key, { algorithms: ['HS256'], clockTolerance: TOLERANCE_SECONDS })).payload;
      } catch (error) {
        if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw error;
        refusal = error;
      }
    }
    throw refusal;
  }

  /** Compares with every secret, so that the time does not tell which one was near. */
  private isSecret(token: string): boolean {
    const given = sha256(token);
    return this.verifyingKeys.filter((key) => timingSafeEqual(given, sha256(key))).length > 0;
  }
}

/** The key of a session of an application. */
export function sessionKey(appId: string, sessionId: string): string {
  return sha256(JSON.stringify([appId, sessionId])).toString('base64url');
}

function verifiedOf(token: string, claims: JWTPayload): VerifiedToken {
  const tenant = tenantOf(claims);
  const { exp, iat, iat_ms: issuedMs, session_id: session, jti } = claims;
  const hash = sha256(token).toString('base64url');
  const appId = tenant?.appId ?? null;
  return {
    id: typeof jti === 'string' && TOKEN_ID.test(jti) ? jti : hash,
    tenant,
    hash,
    session: appId !== null && typeof session === 'string' ? sessionKey(appId, session) : null,
    // A token without a time of issue counts as older than every revocation.
    issuedAt: typeof issuedMs === 'number' ? issuedMs : (iat ?? 0) * 1000,
    refusedFrom: exp === undefined ? Infinity : (exp + TOLERANCE_SECONDS) * 1000,
  };
}

function tenantOf({ sub, org, operator, feature_flags: flags = [], capabilities = null }: JWTPayload): Tenant | null {
  if (operator === true && sub === OPERATOR) return null;
  if (sub === undefined || sub === null) throw unauthorized('The token has no `sub` claim');
  if (!isTextList(flags) || (capabilities !== null && !isTextList(capabilities))) throw unauthorized();
  if (org === undefined || org === null) {
    if (typeof sub !== 'string' || !ORG_ID.test(sub))
      throw badToken('`sub` must be an organisation id: "org_…", at most 255 characters of ASCII');
    return { orgId: sub, appId: null, featureFlags: flags, capabilities: null };
  }
  if (typeof org !== 'string' || !ORG_ID.test(org))
    throw badToken('`org` must be an organisation id: "org_…", at most 255 characters of ASCII');
  if (typeof sub !== 'string' || !APP_ID.test(sub)) throw badToken('`sub` must be an application id: "app_…"');
  const known = capabilities && CAPABILITIES.filter((capability) => capabilities.includes(capability));
  return { orgId: org, appId: sub, featureFlags: flags, capabilities: known };
}

function isTextList(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

/** The 401 for a token. */
export function unauthorized(detail = 'Invalid token'): ApiError {
  return new ApiError(401, 'authentication_failed', detail);
}

function badToken(detail: string): ApiError {
  return badRequest('bad_token', detail);
}

function nowSeconds(): number {
  return Math.floor(Date.now() / 1000);
}

function sha256(data: string | Uint8Array): Buffer {
  return createHash('sha256').update(data).digest();
}
