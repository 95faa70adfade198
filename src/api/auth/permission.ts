import { SetMetadata } from '@nestjs/common';

/**
 * Who may call a route.
 * - `organization`: only the tenant's own token.
 * - `application`: the tenant's token, or the token of the application in the path.
 * - `any-token`: the tenant's token, or that of any of its applications.
 * - `operator`: only an operator. It is about what crosses organisations.
 * - `organization-or-operator`: the tenant's own token, for what belongs to the tenant; an operator, for all tenants. See `@Owner()`.
 * - `every-token`: every token, also an operator's: it is about the token itself.
 * - `public`: everybody.
 */
export type Permission =
  'organization' | 'application' | 'any-token' | 'operator' | 'organization-or-operator' | 'every-token' | 'public';

/** Metadata key of a handler or controller for its Permission. */
export const PERMISSION = 'posthorn:permission';

/** Says who may call a route, or all routes of a controller. A route without it is refused to everybody. */
export function Permission(permission: Permission) {
  return SetMetadata(PERMISSION, permission);
}
