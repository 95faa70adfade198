import type { DirectoryEntry } from '../database/directory.js';

/** A message as the API hands it over; the payload is the source text, byte for byte. */
export interface NewMessage {
  eventType: string;
  eventId: string | null;
  channels: string[] | null;
  payload: Buffer;
  retentionDays: number;
}

/** A message on its way into a group. Its id is made once, before the first try. */
export interface Member {
  entry: DirectoryEntry;
  id: string;
  message: NewMessage;
  /** ms since 1970 */
  payloadUntil: number;
}

/** What became of a member. */
export type MemberResult = 'committed' | 'event id taken' | 'application gone';
