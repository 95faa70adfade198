import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Capability } from './capability.js';

/** Who is calling: a tenant (organisation), and which of its applications if the token is for one only. */
export interface Tenant {
  orgId: string;
  /** The application that the token is for; null for the tenant's own token. */
  appId: string | null;
  featureFlags: string[];
  /** What the token may do; null for everything. */
  capabilities: readonly Capability[] | null;
}

/** A token that was found good, and by what it can be revoked. */
export interface VerifiedToken {
  tenant: Tenant;
  /** SHA-256 of its text. */
  hash: string;
  /** The caller's name for a group of tokens, hashed together with the application; null if it has none. */
  session: string | null;
  /** Unix milliseconds. */
  issuedAt: number;
  /** Unix milliseconds from which it is refused, tolerance included; Infinity if it never expires. */
  refusedFrom: number;
}

/** A request behind the guard. */
export type AuthenticatedRequest = FastifyRequest & { auth?: Tenant; token?: VerifiedToken };

/** Hands the tenant of the request to a controller's method. */
export const Auth = createParamDecorator((_data: unknown, context: ExecutionContext): Tenant => {
  const { auth } = context.switchToHttp().getRequest<AuthenticatedRequest>();
  if (!auth) throw new Error('This route is public: it has no tenant.');
  return auth;
});

/** Hands the token of the request to a controller's method. */
export const Token = createParamDecorator((_data: unknown, context: ExecutionContext): VerifiedToken => {
  const { token } = context.switchToHttp().getRequest<AuthenticatedRequest>();
  if (!token) throw new Error('This route is public: it has no token.');
  return token;
});
