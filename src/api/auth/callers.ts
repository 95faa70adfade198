import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import { OrganizationLimits } from '../../limits/organization-limits.js';
import { looksLikeApiKey } from '../../domain/api-key.js';
import { ApiKeys } from './api-keys.js';
import type { AuthenticatedRequest, VerifiedToken } from './auth.decorator.js';
import { assertOneAuthorization, bearerToken, unauthorized } from './bearer.js';
import { Revocations } from './revocations.js';
import { Tokens } from './tokens.js';

const MAX_KNOWN = 10_000;
const MAX_KNOWN_CHARS = 16 * 1024 * 1024;

/** Finds out who makes a request: once for each request, although the throttle asks before the guard. */
@Injectable()
export class Callers {
  /** The organisations of the headers that were valid lately. */
  private readonly known = new LRUCache<string, string>({
    max: MAX_KNOWN,
    maxSize: MAX_KNOWN_CHARS,
    sizeCalculation: (_orgId, authorization) => authorization.length,
  });

  constructor(
    private readonly tokens: Tokens,
    private readonly revocations: Revocations,
    private readonly limits: OrganizationLimits,
    private readonly keys: ApiKeys,
  ) {}

  /** The token of the request. Throws 401 if it is not valid or is revoked. */
  identify(request: AuthenticatedRequest): Promise<VerifiedToken> {
    return (request.caller ??= this.find(request));
  }

  /** The organisation that this header had when it was valid. It may be used for nothing but to divide what is scarce. */
  orgOf(authorization: string | undefined): string | undefined {
    return authorization === undefined ? undefined : this.known.get(authorization);
  }

  private async find(request: FastifyRequest): Promise<VerifiedToken> {
    assertOneAuthorization(request.raw.rawHeaders);
    const { authorization } = request.headers;
    const text = bearerToken(authorization);
    const isKey = looksLikeApiKey(text);
    const token = await (isKey ? this.keys.verify(text) : this.tokens.verify(authorization));
    if (await this.revocations.isRevoked(token)) throw unauthorized();
    if (isKey) this.keys.noteUse(token);
    await this.limits.load();
    if (token.tenant && !this.known.has(authorization!)) this.known.set(authorization!, token.tenant.orgId);
    return token;
  }
}
