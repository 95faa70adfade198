import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ApiError, notFound } from '../http-support/api-error.js';
import type { AuthenticatedRequest, Tenant } from './auth.decorator.js';
import { PERMISSION, type Permission } from './permission.js';
import { Tokens } from './tokens.js';

/**
 * Finds out who is calling, and whether the route is for them. It stands before every route; one that doesn't say who may call
 * it is refused, so that a forgotten decorator locks a route instead of opening it.
 */
@Injectable()
export class AuthGuard implements CanActivate {
  constructor(
    private readonly tokens: Tokens,
    private readonly reflector: Reflector,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const permission = this.reflector.getAllAndOverride<Permission | undefined>(PERMISSION, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (permission === 'public') return true;
    const request = context.switchToHttp().getRequest<AuthenticatedRequest>();
    request.auth = await this.tokens.verify(request.headers.authorization);
    assertAllowed(permission, request.auth, (request.params as { app_id?: string }).app_id);
    return true;
  }
}

function assertAllowed(permission: Permission | undefined, auth: Tenant, appInPath: string | undefined): void {
  if (permission === 'any-token') return;
  const isAppToken = auth.appId !== null;
  if (permission === undefined || (permission === 'organization' && isAppToken)) throw insufficientAccess();
  // A uid can't begin with app_: whether one names the token's application is seen when it is looked up.
  if (isAppToken && appInPath?.startsWith('app_') && appInPath !== auth.appId) throw notFound();
}

function insufficientAccess(): ApiError {
  return new ApiError(403, 'insufficient access', 'This token does not allow the operation');
}
