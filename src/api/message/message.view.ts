import type { Message } from '../../database/entities/message.entity.js';
import { entityTime } from '../../domain/ids.js';
import { isJsonObject } from './message.schemas.js';

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
}

export function messageOut(message: Message, withContent: boolean): MessageOut {
  const { id, eventType, eventId, channels } = message;
  return { id, eventType, eventId, channels, payload: withContent ? payloadOf(message) : {}, timestamp: entityTime(id) };
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
