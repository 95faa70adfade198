import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { OrganizationLimits } from '../../limits/organization-limits.js';
import { looksLikeApiKey } from '../../domain/api-key.js';
import { ApiKeys } from './api-keys.js';
import type { AuthenticatedRequest, VerifiedToken } from './auth.decorator.js';
import { assertOneAuthorization, bearerToken, unauthorized } from './bearer.js';
import { Revocations } from './revocations.js';
import { Tokens } from './tokens.js';

/** Finds out who makes a request: once for each request, although the throttle asks before the guard. */
@Injectable()
export class Callers {
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

  private async find(request: FastifyRequest): Promise<VerifiedToken> {
    assertOneAuthorization(request.raw.rawHeaders);
    const { authorization } = request.headers;
    const text = bearerToken(authorization);
    const isKey = looksLikeApiKey(text);
    const token = await (isKey ? this.keys.verify(text) : this.tokens.verify(authorization));
    if (await this.revocations.isRevoked(token)) throw unauthorized();
    if (isKey) this.keys.noteUse(token);
    await this.limits.load();
    return token;
  }
}
