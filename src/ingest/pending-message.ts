import type { CachedApplication } from '../database/engine/application-cache.js';
import type { MessageKey } from '../database/engine/engine-store.js';
import type { MessageExtras } from '../domain/message-extras.js';

/** A message as the API hands it over. */
export interface NewMessage {
  /** The id that the caller chose; without it the ingest makes one. If the database refuses its time, the message gets another id. */
  id?: string;
  /** The idempotency key. While it is remembered, no second message of the application is made under it. */
  key?: MessageKey | null;
  /** Another request chose `id` for the same key. It may still be under way, and this commit may have to wait for it. */
  repeats?: boolean;
  eventType: string;
  eventId: string | null;
  channels: string[] | null;
  /** The source text, byte for byte. */
  payload: Buffer;
  /** How long the payload is kept. May be a fraction. */
  retentionDays: number;
  extras?: MessageExtras | null;
}

/** A message that waits for its commit, with the application that it belongs to. */
export interface PendingMessage {
  /** As it was in the cache when the message came, or as it was read again since. */
  application: CachedApplication;
  /** Stays the same when the commit is repeated, unless the database refuses the time in it. */
  id: string;
  message: NewMessage;
  /** When the payload expires, ms since 1970. */
  payloadUntil: number;
  /** W3C traceparent of the request; null if traces are off. */
  trace: string | null;
}

/** What became of a message. `known`: its idempotency key had made a message before, which has this id; nothing was written. */
export type MessageResult =
  | { kind: 'committed'; id: string; deliveries: number }
  | { kind: 'known'; id: string }
  | { kind: 'event id taken' }
  | { kind: 'application gone' };

/** A message that was accepted. `known`: its idempotency key had made it before; nothing was written now. */
export interface Accepted {
  id: string;
  known: boolean;
  /** To how many endpoints it goes; null if it is `known`. */
  deliveries: number | null;
}

const DAY_MS = 86_400_000;

/** Makes a pending message. Its payload is kept from `now` on, or from its `deliverAt` on if that is later. */
export function pendingMessage(
  application: CachedApplication,
  id: string,
  message: NewMessage,
  now: number,
  trace: string | null,
): PendingMessage {
  const payloadUntil = Math.max(now, message.extras?.deliverAt ?? 0) + Math.round(message.retentionDays * DAY_MS);
  return { application, id, message, payloadUntil, trace };
}
