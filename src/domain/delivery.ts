import type { SigningKey } from './secrets.js';

/** An endpoint as the engine uses it: its secrets and headers are unsealed. Never logged. */
export interface UnsealedEndpoint {
  id: string;
  appId: string;
  orgId: string;
  /** The application's version when this was read: another version may have other endpoints. */
  version: number;
  url: string;
  /** The URL with a mask instead of its password: for attempts, and whatever else is shown. */
  shownUrl: string;
  /** Disabled by its owner or by the service, or deleted: nothing is sent to it. */
  disabled: boolean;
  deleted: boolean;
  eventTypes: readonly string[] | null;
  channels: readonly string[] | null;
  /** Messages per second, null for no limit; the endpoint's own or the application's. */
  throttleRate: number | null;
  /** Current key first; `expiresAt` in ms since 1970, null for never. */
  keys: readonly { key: SigningKey; expiresAt: number | null }[];
  headers: readonly (readonly [name: string, value: string])[];
  /** Why this process can't open its secrets or headers, for people to read; null if it can. Nothing can be sent to an unreadable one. */
  unreadable: string | null;
  /** It is unreadable only because AWS KMS does not answer at the moment. Its deliveries wait for as long as that lasts. */
  keyAway: boolean;
  /** Since when messages to it fail, ms since 1970; null when its last message was delivered. */
  failingSince: number | null;
}

/** What names one delivery row, at the fence at which it was read. */
export interface DeliveryRef {
  appId: string;
  msgId: string;
  endpointId: string;
  /** 0 for the automatic delivery, otherwise the number of a manual attempt. */
  run: number;
  fence: number;
  /** W3C traceparent of the request that created the message, if traces are on and the delivery came in memory or through the queue. */
  trace?: string;
}

/** A delivery that this process may act on until `leaseEnds`, whether it came by hand-off, from the queue or from the scanner. */
export interface ClaimedDelivery extends DeliveryRef {
  /** Settled attempts so far: the step of the retry schedule. */
  attempts: number;
  /** On the monotonic clock (`performance.now()`), ms. */
  leaseEnds: number;
  eventType: string;
  payload: Buffer;
  /** Its `content-type` header; null or absent for application/json. */
  contentType?: string | null;
  endpoint: UnsealedEndpoint;
}

/** A text that is the same for two references exactly if they name the same delivery row. */
export function deliveryKey({ msgId, endpointId, run }: Pick<DeliveryRef, 'msgId' | 'endpointId' | 'run'>): string {
  return `${msgId} ${endpointId} ${run}`;
}
