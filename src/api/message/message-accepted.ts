import { entityTime } from '../../domain/ids.js';
import { atOnce, type Stepwise } from '../../domain/stepwise.js';
import { JsonText } from '../http-support/json-text.js';
import { toExtrasOut, toPayloadOut, type MessageOut, type PayloadOut } from '../http-support/message-out.js';
import type { MessageIn } from './message.schemas.js';

/**
 * The answer for a message that was just accepted. It is not read from the database again.
 *
 * @param content the payload that will be delivered; null if the request asked for no content
 */
export function* acceptedInSteps(id: string, message: MessageIn, content: Buffer | null): Stepwise<MessageOut> {
  const { eventType, eventId, channels, extras } = message;
  const payload = content === null ? {} : yield* toContentOut(message, content);
  const out = { id, eventType, eventId, channels, payload, timestamp: entityTime(id) };
  if (extras === null) return out;
  return {
    ...out,
    ...toExtrasOut({ tags: extras.tags, deliverAt: extras.deliverAt === null ? null : new Date(extras.deliverAt) }),
  };
}

/** The same without content. */
export function acceptedWithoutContent(id: string, message: MessageIn): MessageOut {
  return atOnce(acceptedInSteps(id, message, null));
}

/** A payload that is not raw was parsed as a JSON object already. */
function* toContentOut({ rawPayload, extras }: MessageIn, content: Buffer): Stepwise<PayloadOut> {
  return rawPayload === null ? new JsonText(content.toString()) : yield* toPayloadOut(content, extras?.contentType ?? null);
}
