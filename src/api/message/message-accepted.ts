import { entityTime } from '../../domain/ids.js';
import { extrasShown, payloadShown, type MessageOut } from '../http-support/message-view.js';
import type { MessageIn } from './message.schemas.js';

/** What was just accepted, without reading it back. */
export function acceptedOut(id: string, message: MessageIn, withContent: boolean): MessageOut {
  const { eventType, eventId, channels, payload, rawPayload, extras } = message;
  const shown = rawPayload === null ? payload : payloadShown(rawPayload);
  const out = { id, eventType, eventId, channels, payload: withContent ? shown : {}, timestamp: entityTime(id) };
  if (extras === null) return out;
  return {
    ...out,
    ...extrasShown({ tags: extras.tags, deliverAt: extras.deliverAt === null ? null : new Date(extras.deliverAt) }),
  };
}
