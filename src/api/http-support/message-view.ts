import type { Message } from '../../database/entities/message.entity.js';
import { entityTime } from '../../domain/ids.js';

/** What a message without a payload to show has in its place: it was expunged, its time is over, or it is no JSON object. */
const EXPIRED = { expired: true };

/** A message as the API shows it. */
export interface MessageOut {
  id: string;
  eventType: string;
  eventId: string | null;
  channels: string[] | null;
  payload: Record<string, unknown>;
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

/** The payload as it can be shown. */
export function payloadShown(source: Buffer | string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(source.toString());
    return isJsonObject(parsed) ? parsed : EXPIRED;
  } catch {
    return EXPIRED;
  }
}

/** Whether the payload can still be sent. */
export function hasPayload(message: Message): message is Message & { payload: Buffer } {
  return message.payload !== null && message.payloadUntil.getTime() > Date.now();
}

function payloadOf(message: Message): Record<string, unknown> {
  return hasPayload(message) ? payloadShown(message.payload) : EXPIRED;
}

/** Whether a parsed JSON value is an object, and neither a list nor null. */
export function isJsonObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
