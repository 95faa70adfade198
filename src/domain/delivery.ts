import type { SigningKey } from './secrets.js';

/** Where a delivery goes, with everything opened that sending needs. Never logged. */
export interface UnsealedEndpoint {
  id: string;
  appId: string;
  url: string;
  disabled: boolean;
  eventTypes: readonly string[] | null;
  channels: readonly string[] | null;
  /** Messages per second, null for no limit; the endpoint's own or the application's. */
  throttleRate: number | null;
  /** Current key first; `expiresAt` in ms since 1970, null for never. */
  keys: readonly { key: SigningKey; expiresAt: number | null }[];
  headers: readonly (readonly [name: string, value: string])[];
  /** When it began to do nothing but fail, ms since 1970; null when its last message went well. */
  failingSince: number | null;
}

/** What names one delivery row, at the fence at which it was read. */
export interface DeliveryRef {
  appId: string;
  msgId: string;
  endpointId: string;
  /** 0 for the automatic delivery, otherwise the number of a manual trigger. */
  run: number;
  fence: number;
  /** W3C traceparent of the request that it came from, where traces are kept and the way was in memory or through the queue. */
  trace?: string;
}

/** A delivery that this process may act on until `leaseEnds`, whatever it came from: hand-off, queue or scanner. */
export interface ClaimedDelivery extends DeliveryRef {
  /** Settled attempts so far: the step of the retry schedule. */
  attempts: number;
  /** On the monotonic clock (`performance.now()`), ms. */
  leaseEnds: number;
  eventType: string;
  payload: Buffer;
  /** What it is sent as; null or absent for application/json. */
  contentType?: string | null;
  endpoint: UnsealedEndpoint;
}
