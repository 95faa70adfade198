import type { DirectoryEntry } from '../database/directory.js';
import type { MessageExtras } from '../domain/message-extras.js';

/** A message as the API hands it over; the payload is the source text, byte for byte. */
export interface NewMessage {
  /** Made by the caller, where it has to know it before; else made here. */
  id?: string;
  eventType: string;
  eventId: string | null;
  channels: string[] | null;
  payload: Buffer;
  /** How long the payload is kept; fractions count. */
  retentionDays: number;
  extras?: MessageExtras | null;
}

/** A message on its way into a group. Its id is made once, before the first try. */
export interface Member {
  entry: DirectoryEntry;
  id: string;
  message: NewMessage;
  /** ms since 1970 */
  payloadUntil: number;
  /** W3C traceparent, where traces are kept. */
  trace?: string;
}

/** What became of a member. */
export type MemberResult = 'committed' | 'event id taken' | 'application gone';

const DAY_MS = 86_400_000;

/** The member that a message becomes, its payload kept from now on, or from when it is to be delivered. */
export function memberOf(entry: DirectoryEntry, id: string, message: NewMessage, now: number): Member {
  const payloadUntil = Math.max(now, message.extras?.deliverAt ?? 0) + Math.round(message.retentionDays * DAY_MS);
  return { entry, id, message, payloadUntil };
}
