import { SetMetadata } from '@nestjs/common';

/** What an application's token may do. The organisation's own token may do everything. */
export const CAPABILITIES = [
  'ViewBase',
  'ViewEndpointSecret',
  'ManageEndpointSecret',
  'ManageTransformations',
  'CreateAttempts',
  'ManageEndpoint',
] as const;
export type Capability = (typeof CAPABILITIES)[number];

/** Metadata key under which a handler or controller class carries the capabilities of which one is needed. */
export const CAPABILITY = 'posthorn:capability';

/**
 * Says what an application's token must be able to do for a route: one of these. A route that says nothing needs ViewBase to
 * be read, and ManageEndpoint to change anything, so that a forgotten decorator opens nothing to those who may only look.
 */
export function Capability(...oneOf: Capability[]) {
  return SetMetadata(CAPABILITY, oneOf);
}

/** The capability that a route without @Capability needs. */
export function defaultCapability(method: string): Capability[] {
  return method === 'GET' ? ['ViewBase'] : ['ManageEndpoint'];
}
