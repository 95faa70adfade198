import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { ApiError, notFound } from '../http-support/api-error.js';
import { checkedQuery } from '../http-support/contract.pipe.js';
import { ApplicationAccess } from './application-access.js';
import type { AuthenticatedRequest, Tenant, VerifiedToken } from './auth.decorator.js';
import { Callers } from './callers.js';
import { scopesAllow } from './key-scope.js';
import type { Permission } from './permission.js';
import { servedRoute, type Route } from './route.js';

/**
 * Finds out who is calling, and whether the caller may use the route. It guards every route. A route that does not say who may call
 * it is refused to everybody, so a forgotten decorator closes a route and never opens it.
 *
 * Clients rely on the order of the checks. The query is checked first, even without a token, and the token second. On routes for
 * applications the application in the path is next, and the body last. On routes for organisations the body comes before the
 * application. The guard runs before bodies are checked, so it finds the application only on routes for applications that have a body.
 * On all other routes `@App()` finds it.
 */
@Injectable()
export class AuthGuard implements CanActivate {
  constructor(
    private readonly callers: Callers,
    private readonly access: ApplicationAccess,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const route = servedRoute(context);
    const request = context.switchToHttp().getRequest<AuthenticatedRequest>();
    if (route.query) checkedQuery(route.query, request.query);
    if (route.permission === 'public') return true;
    const token = await this.callers.identify(request);
    request.token = token;
    if (token.tenant === null) return assertForOperators(route);
    if (!scopesAllow(token.tenant.scopes, route)) throw insufficientAccess();
    // Each request gets its own copy: ApplicationAccess stores by it which application the request found.
    const auth = { ...token.tenant };
    const appInPath = (request.params as { app_id?: string }).app_id;
    assertAllowed(route, auth, appInPath, token.kind);
    if (auth.appId !== null && route.sends && appInPath !== undefined)
      (request.params as { app_id: string }).app_id = await this.access.requireOwn(auth, appInPath);
    if (route.permission === 'application' && route.body && appInPath !== undefined) await this.access.require(auth, appInPath);
    request.auth = auth;
    return true;
  }
}

/** Permissions that an operator has. */
const FOR_OPERATORS: readonly (Permission | undefined)[] = ['operator', 'organization-or-operator', 'every-token'];

function assertForOperators({ permission }: Route): true {
  if (FOR_OPERATORS.includes(permission)) return true;
  throw new ApiError(
    403,
    'insufficient access',
    'An operator token does not allow the operation. Use a token of the organisation',
  );
}

/** Permissions that the token of an application never has. */
const NOT_FOR_APPLICATIONS: readonly (Permission | undefined)[] = ['organization', 'organization-or-operator'];

function assertAllowed(route: Route, auth: Tenant, appInPath: string | undefined, kind: VerifiedToken['kind']): void {
  const { permission, capabilities, sends } = route;
  const isAppToken = auth.appId !== null;
  if (permission === undefined || permission === 'operator') throw insufficientAccess();
  // A key of one application may send its messages. Its portal tokens may not.
  const mayBeSent = kind === 'key' && sends && appInPath !== undefined;
  if (isAppToken && !mayBeSent && NOT_FOR_APPLICATIONS.includes(permission)) throw insufficientAccess();
  // A uid can not begin with app_. Whether a uid names the application of the token is checked when the application is read.
  if (isAppToken && appInPath?.startsWith('app_') && appInPath !== auth.appId) throw notFound();
  if (auth.capabilities && !capabilities.some((one) => auth.capabilities!.includes(one))) throw insufficientAccess();
}

function insufficientAccess(): ApiError {
  return new ApiError(403, 'insufficient access', 'This token does not allow the operation');
}
