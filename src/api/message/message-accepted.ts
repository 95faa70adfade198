import { entityTime } from '../../domain/ids.js';
import { JsonText } from '../http-support/json-text.js';
import { toExtrasOut, toPayloadOut, type MessageOut, type PayloadOut } from '../http-support/message-out.js';
import type { MessageIn } from './message.schemas.js';

/**
 * The answer for a message that was just accepted. It is not read from the database again.
 *
 * @param content the payload that will be delivered; null if the request asked for no content
 */
export function acceptedOut(id: string, message: MessageIn, content: Buffer | null): MessageOut {
  const { eventType, eventId, channels, extras } = message;
  const payload = content === null ? {} : toContentOut(message, content);
  const out = { id, eventType, eventId, channels, payload, timestamp: entityTime(id) };
  if (extras === null) return out;
  return {
    ...out,
    ...toExtrasOut({ tags: extras.tags, deliverAt: extras.deliverAt === null ? null : new Date(extras.deliverAt) }),
  };
}

/** A payload that is not raw was parsed as a JSON object already. */
function toContentOut({ rawPayload, extras }: MessageIn, content: Buffer): PayloadOut {
  return rawPayload === null ? new JsonText(content.toString()) : toPayloadOut(content, extras?.contentType ?? null);
}
