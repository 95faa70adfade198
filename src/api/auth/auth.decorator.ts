import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

/** Who is calling: a tenant (organisation), and which of its applications if the token is for one only. */
export interface Tenant {
  orgId: string;
  /** The application that the token is for; null for the tenant's own token. */
  appId: string | null;
  featureFlags: string[];
}

/** A request behind the guard. */
export type AuthenticatedRequest = FastifyRequest & { auth?: Tenant };

/** Hands the tenant of the request to a controller's method. */
export const Auth = createParamDecorator((_data: unknown, context: ExecutionContext): Tenant => {
  const { auth } = context.switchToHttp().getRequest<AuthenticatedRequest>();
  if (!auth) throw new Error('This route is public: it has no tenant.');
  return auth;
});
