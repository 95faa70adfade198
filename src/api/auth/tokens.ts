import { randomUUID, timingSafeEqual, type KeyObject } from 'node:crypto';
import { Inject, Injectable, Optional } from '@nestjs/common';
import { decodeProtectedHeader, errors, jwtVerify, SignJWT, type JWTPayload, type JWTVerifyOptions } from 'jose';
import { LRUCache } from 'lru-cache';
import { APP_CONFIG, type AppConfig } from '../../config/config.js';
import type { PublicAlgorithm } from '../../config/public-keys.js';
import type { VerifiedToken } from './auth.decorator.js';
import { bearerToken, unauthorized } from './bearer.js';
import type { Capability } from './capability.js';
import { PublicKeys } from './public-keys.js';
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

/** The algorithms of public keys by the names that tokens may give them (RFC 8037 and RFC 9864). */
const PUBLIC_ALGORITHMS: Record<string, PublicAlgorithm> = { RS256: 'RS256', ES256: 'ES256', EdDSA: 'EdDSA', Ed25519: 'EdDSA' };

/** A token in the cache. */
interface Verified {
  token: VerifiedToken;
  /** The generation of the public keys that verified it; null if a secret did. */
  generation: number | null;
}

/** The claims of a token whose signature and times are valid, and which kind of key verified it. */
interface SignedClaims {
  claims: JWTPayload;
  generation: number | null;
}

/**
 * Creates and verifies the tokens of the API: JWTs. Those of this service are signed with HS256. The first configured secret signs; a token is valid if any
 * of them signed it, so that secrets can change while processes with the old and the new list serve the same tokens. Tokens of an identity
 * provider are verified with its public keys. The header chooses between the two, and neither takes the other's keys.
 *
 * Verified tokens are cached, because verifying a signature costs more than all other work before the handler. The time of expiry
 * is checked for each request.
 */
@Injectable()
export class Tokens {
  private readonly key: Uint8Array;
  private readonly verifyingKeys: readonly Uint8Array[];
  private readonly verified = new LRUCache<string, Verified>({
    max: CACHED_TOKENS,
    maxSize: CACHED_CHARS,
    sizeCalculation: (_verified, token) => token.length,
  });

  constructor(
    @Inject(APP_CONFIG) private readonly config: Pick<AppConfig, 'auth' | 'identityProvider'>,
    @Optional() private readonly publicKeys?: PublicKeys,
  ) {
    const encoder = new TextEncoder();
    this.key = encoder.encode(config.auth.jwtSecret);
    this.verifyingKeys = config.auth.verifyingSecrets.map((secret) => encoder.encode(secret));
  }

  /** Verifies the token of the header. Throws 401 if it is invalid, 400 if it names no tenant. Does not check revocations. */
  async verify(authorization: string | undefined): Promise<VerifiedToken> {
    const token = bearerToken(authorization);
    const known = this.verified.get(token);
    if (known && known.token.refusedFrom > Date.now() && this.isCurrent(known)) return known.token;
    const { claims, generation } = await this.claimsOf(token);
    // Only a secret makes operators: an identity provider has many users, and other people administrate it.
    const verified = verifiedOf(token, claims, generation === null);
    if (verified.refusedFrom <= Date.now()) throw unauthorized();
    this.verified.set(token, { token: verified, generation });
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

  private isCurrent({ generation }: Verified): boolean {
    return generation === null || generation === this.publicKeys?.generation;
  }

  private async claimsOf(token: string): Promise<SignedClaims> {
    try {
      if (!isCanonical(token)) throw new errors.JWSInvalid('not canonical');
      const signed = await this.signedClaims(token);
      const { iat } = signed.claims;
      if (iat !== undefined && iat > nowSeconds() + TOLERANCE_SECONDS) throw unauthorized();
      return signed;
    } catch (error) {
      if (!(error instanceof errors.JOSEError || error instanceof TypeError)) throw error;
      if (this.isSecret(token))
        throw unauthorized('This is the signing secret, not a token. Create a token with it, for example with "npm run token"');
      throw unauthorized();
    }
  }

  /** The algorithm in the header decides which keys are tried. Other headers than `alg` and `kid` choose nothing. */
  private async signedClaims(token: string): Promise<SignedClaims> {
    const { alg = '', kid } = decodeProtectedHeader(token);
    const algorithm = Object.hasOwn(PUBLIC_ALGORITHMS, alg) ? PUBLIC_ALGORITHMS[alg]! : null;
    if (algorithm === null || !this.publicKeys) {
      const options = { algorithms: ['HS256'], clockTolerance: TOLERANCE_SECONDS };
      return { claims: await firstVerified(token, this.verifyingKeys, options), generation: null };
    }
    const found = await this.publicKeys.candidates(algorithm, typeof kid === 'string' ? kid : null);
    const { generation } = this.publicKeys;
    const { issuer, audience } = this.config.identityProvider;
    const options = {
      algorithms: [alg],
      clockTolerance: TOLERANCE_SECONDS,
      ...(issuer !== null && { issuer }),
      ...(audience !== null && { audience: [...audience] }),
    };
    const keys = found.map(({ key }) => key);
    return { claims: await firstVerified(token, keys, options), generation };
  }

  /** Compares with every secret, so that the time does not tell which one was near. */
  private isSecret(token: string): boolean {
    const given = sha256(token);
    return this.verifyingKeys.filter((key) => timingSafeEqual(given, sha256(key))).length > 0;
  }
}

/** Tries one key after the other. Any fault but a wrong signature is final: the token is genuine then, and expired for example. */
async function firstVerified(
  token: string,
  keys: readonly (Uint8Array | KeyObject)[],
  options: JWTVerifyOptions,
): Promise<JWTPayload> {
  let refusal: unknown = new errors.JWSSignatureVerificationFailed();
  for (const key of keys) {
    try {
      return (await jwtVerify(token, key, options)).payload;
    } catch (error) {
      if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw error;
      refusal = error;
    }
  }
  throw refusal;
}

function nowSeconds(): number {
  return Math.floor(Date.now() / 1000);
}
