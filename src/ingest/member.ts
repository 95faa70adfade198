import type { CachedApplication } from '../database/engine/application-cache.js';
import type { MessageKey } from '../database/engine/engine-store.js';
import type { MessageExtras } from '../domain/message-extras.js';

/** A message as the API hands it over; the payload is the source text, byte for byte. */
export interface NewMessage {
  /** Made by the caller, where it has to name it before; else made here. The message may get another one in the end. */
  id?: string;
  /** No second message of the application is made under it while it is remembered. */
  key?: MessageKey | null;
  /** Another request named this id for the same key: it may still be under way, and a commit may have to wait for it. */
  repeats?: boolean;
  eventType: string;
  eventId: string | null;
  channels: string[] | null;
  payload: Buffer;
  /** How long the payload is kept; fractions count. */
  retentionDays: number;
  extras?: MessageExtras | null;
}

/** A message on its way into a group. Its id stays the same from try to try, unless the database refuses its time. */
export interface Member {
  entry: CachedApplication;
  id: string;
  message: NewMessage;
  /** ms since 1970 */
  payloadUntil: number;
  /** W3C traceparent, where traces are kept. */
  trace?: string;
}

/** What became of a member: `known` if its key made a message before. `deliveries`: to how many endpoints it goes. */
export type MemberResult =
  | { kind: 'committed'; id: string; deliveries: number }
  | { kind: 'known'; id: string }
  | { kind: 'event id taken' }
  | { kind: 'application gone' };

/** A message that was accepted. `known`: its key had made it before; nothing was written now, and `deliveries` is null. */
export interface Accepted {
  id: string;
  known: boolean;
  /** To how many endpoints it goes. */
  deliveries: number | null;
}

const DAY_MS = 86_400_000;

/** The member that a message becomes, its payload kept from now on, or from when it is to be delivered. */
export function memberOf(entry: CachedApplication, id: string, message: NewMessage, now: number): Member {
  const payloadUntil = Math.max(now, message.extras?.deliverAt ?? 0) + Math.round(message.retentionDays * DAY_MS);
  return { entry, id, message, payloadUntil };
}
