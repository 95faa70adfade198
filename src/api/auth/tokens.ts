import { randomUUID, timingSafeEqual } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { errors, jwtVerify, SignJWT, type JWTPayload } from 'jose';
import { LRUCache } from 'lru-cache';
import { APP_CONFIG, type AppConfig } from '../../config/config.js';
import type { VerifiedToken } from './auth.decorator.js';
import { bearerToken, unauthorized } from './bearer.js';
import type { Capability } from './capability.js';
import { isCanonical, OPERATOR, sha256, TOLERANCE_SECONDS, verifiedOf } from './token-claims.js';

/** The tenant of tokens that are created without one. */
export const DEFAULT_ORG_ID = 'org_23rb8YdGqMT0qIzpgGwdXfHirMu';

const ISSUER = 'svix-server';
const DAY_SECONDS = 24 * 3600;
const ORG_TOKEN_DAYS = 365;
const APP_TOKEN_SECONDS = 7 * DAY_SECONDS;
const CACHED_TOKENS = 10_000;
const CACHED_CHARS = 16 * 1024 * 1024;

/** Limits of a token for an application. */
export interface AppTokenLimits {
  featureFlags: string[];
  /** Null for everything. */
  capabilities: readonly Capability[] | null;
  /** Null for the default, seven days. */
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
    const token = bearerToken(authorization);
    const known = this.verified.get(token);
    if (known && known.refusedFrom > Date.now()) return known;
    const verified = verifiedOf(token, await this.claimsOf(token), true);
    this.verified.set(token, verified);
    return verified;
  }

  /** A token for a whole tenant. It is valid for a year if nothing else is said. */
  mint(orgId: string, days = ORG_TOKEN_DAYS): Promise<string> {
    return this.sign({ sub: orgId }, days * DAY_SECONDS);
  }

  /** A token for an operator of the whole installation. It is valid for a year if nothing else is said. */
  mintOperator(days = ORG_TOKEN_DAYS): Promise<string> {
    return this.sign({ sub: OPERATOR, operator: true }, days * DAY_SECONDS);
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
      if (!isCanonical(token)) throw new errors.JWSInvalid('not canonical');
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

function nowSeconds(): number {
  return Math.floor(Date.now() / 1000);
}
