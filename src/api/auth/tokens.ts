import { createHash, timingSafeEqual } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { errors, jwtVerify, SignJWT, type JWTPayload } from 'jose';
import { LRUCache } from 'lru-cache';
import { APP_CONFIG, type AppConfig } from '../../config/config.js';
import { ApiError, badRequest } from '../http-support/api-error.js';
import type { Tenant } from './auth.decorator.js';

/** The tenant of a token that was minted without naming one. */
export const DEFAULT_ORG_ID = 'org_23rb8YdGqMT0qIzpgGwdXfHirMu';

const ISSUER = 'svix-server';
const TOLERANCE_SECONDS = 15 * 60;
const ORG_TOKEN_SECONDS = 10 * 365 * 24 * 3600;
const APP_TOKEN_SECONDS = 28 * 24 * 3600;
const CACHED_TOKENS = 10_000;
const CACHED_CHARS = 16 * 1024 * 1024;
/** Printable ASCII without spaces: databases ignore spaces at the end when they compare. */
const ORG_ID = /^org_[\x21-\x7e]{0,251}$/;
const APP_ID = /^app_[\x21-\x7e]{0,251}$/;

interface Verified {
  tenant: Tenant;
  /** Unix seconds from which it is refused, tolerance included. */
  refusedFrom: number;
}

/**
 * Mints and verifies the tokens of the API: JWTs signed with HS256 under the configured secret.
 *
 * A token that was found good is remembered, since each request carries one and a signature check costs more than the rest of
 * the request's way to its handler. Remembered tokens still expire: that is asked at each use.
 */
@Injectable()
export class Tokens {
  private readonly key: Uint8Array;
  private readonly verified = new LRUCache<string, Verified>({
    max: CACHED_TOKENS,
    maxSize: CACHED_CHARS,
    sizeCalculation: (_verified, token) => token.length,
  });

  constructor(@Inject(APP_CONFIG) config: Pick<AppConfig, 'auth'>) {
    this.key = new TextEncoder().encode(config.auth.jwtSecret);
  }

  /** Whom the header's token speaks for. Throws ApiError 401, or 400 if it is signed but names nobody. */
  async verify(authorization: string | undefined): Promise<Tenant> {
    const token = /^bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
    if (token === undefined) throw unauthorized();
    const known = this.verified.get(token);
    if (known && known.refusedFrom > nowSeconds()) return known.tenant;
    const claims = await this.claimsOf(token);
    const tenant = tenantOf(claims);
    this.verified.set(token, { tenant, refusedFrom: claims.exp === undefined ? Infinity : claims.exp + TOLERANCE_SECONDS });
    return tenant;
  }

  /** A token for everything of a tenant, good for ten years. */
  mint(orgId: string): Promise<string> {
    return this.sign({ sub: orgId }, ORG_TOKEN_SECONDS);
  }

  /** A token for one application of a tenant, good for 28 days. */
  mintApp(orgId: string, appId: string, featureFlags: string[]): Promise<string> {
    return this.sign({ sub: appId, org: orgId, feature_flags: featureFlags }, APP_TOKEN_SECONDS);
  }

  private sign(claims: JWTPayload, lifetimeSeconds: number): Promise<string> {
    const now = nowSeconds();
    return new SignJWT({ iss: ISSUER, ...claims })
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
      .setIssuedAt(now)
      .setNotBefore(now)
      .setExpirationTime(now + lifetimeSeconds)
      .sign(this.key);
  }

  private async claimsOf(token: string): Promise<JWTPayload> {
    try {
      const { payload } = await jwtVerify(token, this.key, { algorithms: ['HS256'], clockTolerance: TOLERANCE_SECONDS });
      if (payload.iat !== undefined && payload.iat > nowSeconds() + TOLERANCE_SECONDS) throw unauthorized();
      return payload;
    } catch (error) {
      if (!(error instanceof errors.JOSEError || error instanceof TypeError)) throw error;
      if (this.isSecret(token))
        throw unauthorized('The signing secret itself is not a token: sign one with it, for example with "npm run token"');
      throw unauthorized();
    }
  }

  private isSecret(token: string): boolean {
    return timingSafeEqual(sha256(token), sha256(this.key));
  }
}

function tenantOf({ sub, org, feature_flags: flags = [] }: JWTPayload): Tenant {
  if (sub === undefined || sub === null) throw unauthorized('The token has no `sub` claim');
  if (!Array.isArray(flags) || !flags.every((item) => typeof item === 'string')) throw unauthorized();
  if (org === undefined || org === null) {
    if (typeof sub !== 'string' || !ORG_ID.test(sub))
      throw badToken('`sub` must be an organisation id: "org_…", at most 255 characters of ASCII');
    return { orgId: sub, appId: null, featureFlags: flags };
  }
  if (typeof org !== 'string' || !ORG_ID.test(org))
    throw badToken('`org` must be an organisation id: "org_…", at most 255 characters of ASCII');
  if (typeof sub !== 'string' || !APP_ID.test(sub)) throw badToken('`sub` must be an application id: "app_…"');
  return { orgId: org, appId: sub, featureFlags: flags };
}

function unauthorized(detail = 'Invalid token'): ApiError {
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
