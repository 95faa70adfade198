import { SetMetadata } from '@nestjs/common';

/**
 * Who may call a route.
 * - `organization`: only the tenant's own token.
 * - `application`: the tenant's token, or the token of the application in the path.
 * - `any-token`: the tenant's token, or that of any of its applications.
 * - `public`: everybody.
 */
export type Permission = 'organization' | 'application' | 'any-token' | 'public';

/** Metadata key under which a handler or controller class carries its Permission. */
export const PERMISSION = 'posthorn:permission';

/** Says who may call a route, or all routes of a controller. A route that says nothing is refused to everybody. */
export function Permission(permission: Permission) {
  return SetMetadata(PERMISSION, permission);
}
