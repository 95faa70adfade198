import { entityTime } from '../../domain/ids.js';
import { JsonText } from '../http-support/json-text.js';
import { extrasShown, payloadShown, type MessageOut, type PayloadShown } from '../http-support/message-out.js';
import type { MessageIn } from './message.schemas.js';

/**
 * What was just accepted, without reading it back.
 *
 * @param content the payload as it will be delivered; null where it is not wanted in the answer
 */
export function acceptedOut(id: string, message: MessageIn, content: Buffer | null): MessageOut {
  const { eventType, eventId, channels, extras } = message;
  const payload = content === null ? {} : contentShown(message, content);
  const out = { id, eventType, eventId, channels, payload, timestamp: entityTime(id) };
  if (extras === null) return out;
  return {
    ...out,
    ...extrasShown({ tags: extras.tags, deliverAt: extras.deliverAt === null ? null : new Date(extras.deliverAt) }),
  };
}

/** What did not come as a raw payload was found to be a JSON object when it came. */
function contentShown({ rawPayload, extras }: MessageIn, content: Buffer): PayloadShown {
  return rawPayload === null ? new JsonText(content.toString()) : payloadShown(content, extras?.contentType ?? null);
}
