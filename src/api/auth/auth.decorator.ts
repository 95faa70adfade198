import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Caller } from '../../limits/request-throttle.js';
import type { Capability } from './capability.js';
import type { KeyScope } from './key-scope.js';

/** The caller: a tenant (organisation), and one of its applications if the token is limited to it. */
export interface Tenant {
  orgId: string;
  /** The application that the token is limited to; null for the tenant's own token. */
  appId: string | null;
  featureFlags: string[];
  /** What the token allows; null for everything. */
  capabilities: readonly Capability[] | null;
  /** What an API key allows; `full` for any other token. */
  scopes: readonly KeyScope[];
}

/** A token whose signature and times are valid, with the keys by which it can be revoked. */
export interface VerifiedToken {
  /** Names the token in logs and records. It can't be used to call the API. */
  id: string;
  kind: 'jwt' | 'key';
  /** Null for the token of an operator, who belongs to no organisation. */
  tenant: Tenant | null;
  /** SHA-256 of the token. */
  hash: string;
  /** What it can be revoked by too, whatever its spelling: a hash of its `jti`, or of what is signed; the id of an API key. */
  name: string;
  /** The name of the token's session, hashed together with the application; null if it has no session. */
  session: string | null;
  /** Unix milliseconds. */
  issuedAt: number;
  /** Unix milliseconds at which it expires, including the tolerance; Infinity if it never does. */
  refusedFrom: number;
}

/** A request that has passed the guard. */
export type AuthenticatedRequest = FastifyRequest & {
  auth?: Tenant;
  token?: VerifiedToken;
  /** What `Callers` found, or is finding. A property, because a WeakMap of all requests costs the garbage collector more. */
  caller?: Promise<VerifiedToken>;
};

/** Hands the tenant of the request to a handler. */
export const Auth = createParamDecorator((_data: unknown, context: ExecutionContext): Tenant => {
  const { auth } = context.switchToHttp().getRequest<AuthenticatedRequest>();
  if (!auth) throw new Error('This route is public, or for operators: it has no tenant.');
  return auth;
});

/** Hands the organisation and the key of the request to a handler, for counts. */
export const By = createParamDecorator((_data: unknown, context: ExecutionContext): Caller => {
  const { token } = context.switchToHttp().getRequest<AuthenticatedRequest>();
  if (!token?.tenant) throw new Error('This route is public, or for operators: it has no tenant.');
  return { orgId: token.tenant.orgId, keyId: token.id };
});

/** Hands the organisation whose things a handler may show or change; null for an operator, who may those of all organisations. */
export const Owner = createParamDecorator((_data: unknown, context: ExecutionContext): string | null => {
  const { token } = context.switchToHttp().getRequest<AuthenticatedRequest>();
  if (!token) throw new Error('This route is public: it has no owner.');
  return token.tenant?.orgId ?? null;
});

/** Hands the token of the request to a handler. */
export const Token = createParamDecorator((_data: unknown, context: ExecutionContext): VerifiedToken => {
  const { token } = context.switchToHttp().getRequest<AuthenticatedRequest>();
  if (!token) throw new Error('This route is public: it has no token.');
  return token;
});
