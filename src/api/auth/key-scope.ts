import { SetMetadata } from '@nestjs/common';
import type { Capability } from './capability.js';

/**
 * What an API key may do.
 * - `full`: what the organisation's token may.
 * - `send`: only operations with `@Sends()`.
 * - `read`: only GET, without secrets.
 */
export const KEY_SCOPES = ['full', 'send', 'read'] as const;
export type KeyScope = (typeof KEY_SCOPES)[number];

/** Metadata key of a handler that serves keys which may only send. */
export const SENDS = 'posthorn:sends';

/** Says that an operation is part of sending messages. Without this decorator a key that may only send is refused. */
export function Sends() {
  return SetMetadata(SENDS, true);
}

/** Capabilities that show or change secrets. */
const OF_SECRETS = ['ViewEndpointSecret', 'ManageEndpointSecret'] as const;

/** What the scopes of a key are compared with. */
interface Declared {
  method: string;
  sends: boolean;
  capabilities: readonly Capability[];
}

/**
 * Whether one of the scopes allows the route. So a route that declares nothing is refused to keys that only send, and if it changes
 * anything, to keys that only read.
 */
export function scopesAllow(scopes: readonly KeyScope[], { method, sends, capabilities }: Declared): boolean {
  return scopes.some((scope) => {
    if (scope === 'full') return true;
    if (scope === 'send') return sends;
    return method === 'GET' && !OF_SECRETS.some((secret) => capabilities.includes(secret));
  });
}

/** Whether the caller may create an application by sending a message to it. */
export function mayCreateApplications(caller: { appId: string | null; scopes: readonly KeyScope[] }): boolean {
  return caller.appId === null && caller.scopes.includes('full');
}
