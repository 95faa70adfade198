import { isUtf8 } from 'node:buffer';
import type { Message } from '../../database/entities/message.entity.js';
import { entityTime } from '../../domain/ids.js';
import { isJsonObjectText } from '../../domain/json-depth.js';
import { JsonText } from './json-text.js';

/** What a message without a payload to show has in its place: it was expunged, or its time is over. */
const EXPIRED = { expired: true } as const;

/** A payload that is no JSON object, as it was sent: its text, or base64 of bytes that are none. */
export interface RawPayload {
  rawPayload: string;
  encoding?: 'base64';
  /** Absent for application/json. */
  contentType?: string;
}

/** The payload of a message in an answer: its source text, wherever that is a JSON object. */
export type PayloadShown = JsonText | RawPayload | { expired?: true };

/** A message as the API shows it. */
export interface MessageOut {
  id: string;
  eventType: string;
  eventId: string | null;
  channels: string[] | null;
  payload: PayloadShown;
  timestamp: Date;
  /** Absent where there are none, like deliverAt. */
  tags?: string[];
  deliverAt?: Date;
}

export function messageOut(message: Message, withContent: boolean): MessageOut {
  const { id, eventType, eventId, channels } = message;
  const payload = withContent ? payloadOf(message) : {};
  return { id, eventType, eventId, channels, payload, timestamp: entityTime(id), ...extrasShown(message) };
}

/** Tags and planned time, as far as a message has them. */
export function extrasShown({ tags, deliverAt }: Pick<Message, 'tags' | 'deliverAt'>): Pick<MessageOut, 'tags' | 'deliverAt'> {
  return { ...(tags && { tags }), ...(deliverAt && { deliverAt }) };
}

/** The payload as it can be shown. SQLite answers text where text was written into a column of bytes. */
export function payloadShown(source: Buffer | string, contentType: string | null): JsonText | RawPayload {
  const type = contentType === null ? {} : { contentType };
  if (typeof source !== 'string' && !isUtf8(source))
    return { rawPayload: source.toString('base64'), encoding: 'base64', ...type };
  const text = source.toString();
  return isJsonObjectText(text) ? new JsonText(text) : { rawPayload: text, ...type };
}

/** Whether the payload can still be sent. */
export function hasPayload(message: Message): message is Message & { payload: Buffer } {
  return message.payload !== null && message.payloadUntil.getTime() > Date.now();
}

function payloadOf(message: Message): PayloadShown {
  return hasPayload(message) ? payloadShown(message.payload, message.contentType) : EXPIRED;
}
