import { Injectable, type CanActivate, type ExecutionContext, type Type } from '@nestjs/common';
import { ApiError, notFound } from '../http-support/api-error.js';
import { checkedQuery } from '../http-support/contract.pipe.js';
import { ApplicationAccess } from './application-access.js';
import type { AuthenticatedRequest, Tenant } from './auth.decorator.js';
import { Revocations } from './revocations.js';
import { routeOf, type Route } from './route.js';
import { Tokens, unauthorized } from './tokens.js';

/**
 * Finds out who is calling, and whether the route is for them. It stands before every route; one that doesn't say who may call
 * it is refused, so that a forgotten decorator locks a route instead of opening it.
 *
 * The order of the checks is a promise to clients: the query first (a bad one is told even to a stranger), then the token, then
 * the application in the path, and the body last.
 */
@Injectable()
export class AuthGuard implements CanActivate {
  private readonly routes = new Map<unknown, Route>();

  constructor(
    private readonly tokens: Tokens,
    private readonly revocations: Revocations,
    private readonly access: ApplicationAccess,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const route = this.routeOf(context);
    const request = context.switchToHttp().getRequest<AuthenticatedRequest>();
    if (route.query) checkedQuery(route.query, request.query);
    if (route.permission === 'public') return true;
    const token = await this.tokens.verify(request.headers.authorization);
    if (await this.revocations.isRevoked(token)) throw unauthorized();
    // A copy of its own: what is found out about a request must not be remembered for the next one with this token.
    const auth = { ...token.tenant };
    const appInPath = (request.params as { app_id?: string }).app_id;
    assertAllowed(route, auth, appInPath);
    if (route.permission === 'application' && route.body && appInPath !== undefined) await this.access.require(auth, appInPath);
    request.token = token;
    request.auth = auth;
    return true;
  }

  private routeOf(context: ExecutionContext): Route {
    const handler = context.getHandler();
    let route = this.routes.get(handler);
    if (!route) {
      const found = routeOf(context.getClass<Type>() as Type, handler.name);
      if (!found) throw new Error(`${context.getClass().name}.${handler.name} serves no route.`);
      this.routes.set(handler, (route = found));
    }
    return route;
  }
}

function assertAllowed({ permission, capabilities }: Route, auth: Tenant, appInPath: string | undefined): void {
  const isAppToken = auth.appId !== null;
  if (permission === undefined || (permission === 'organization' && isAppToken)) throw insufficientAccess();
  // A uid can't begin with app_: whether one names the token's application is seen when it is looked up.
  if (isAppToken && appInPath?.startsWith('app_') && appInPath !== auth.appId) throw notFound();
  if (auth.capabilities && !capabilities.some((one) => auth.capabilities!.includes(one))) throw insufficientAccess();
}

function insufficientAccess(): ApiError {
  return new ApiError(403, 'insufficient access', 'This token does not allow the operation');
}
