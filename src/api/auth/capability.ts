import { SetMetadata } from '@nestjs/common';

/** What the token of an application may be allowed to do. The token of an organisation may do everything. */
export const CAPABILITIES = [
  'ViewBase',
  'ViewEndpointSecret',
  'ManageEndpointSecret',
  'ManageTransformations',
  'CreateAttempts',
  'ManageEndpoint',
] as const;
export type Capability = (typeof CAPABILITIES)[number];

/** Metadata key of a handler or controller for its capabilities. */
export const CAPABILITY = 'posthorn:capability';

/**
 * Says which capabilities a route needs: the token of an application must have one of them. Without this decorator a GET needs
 * ViewBase and every other method ManageEndpoint. So a forgotten decorator never lets a read-only token change anything.
 */
export function Capability(...oneOf: Capability[]) {
  return SetMetadata(CAPABILITY, oneOf);
}

/** The capability that a route without @Capability needs. */
export function defaultCapability(method: string): Capability[] {
  return method === 'GET' ? ['ViewBase'] : ['ManageEndpoint'];
}
