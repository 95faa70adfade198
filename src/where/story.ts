import { AttemptStatus } from '../database/entities/attempt.entity.js';
import { AUTOMATIC_RUN } from '../database/entities/delivery.entity.js';
import type { MessageStory, StoryAttempt, StoryEndpoint } from '../database/repositories/message-story.repository.js';
import { entityTime } from '../domain/ids.js';
import { standingOf, whyNot } from './place.js';

/** An endpoint as operators see it: no path or query of its URL, which may be confidential. */
function shownEndpoint({ id, uid, url, disabled, deleted, throttleRate }: StoryEndpoint) {
  return { id, uid, host: URL.canParse(url) ? new URL(url).host : null, disabled, deleted, throttleRate };
}

function shownAttempt({ id, status, triggerType, statusCode, durationMs, response }: StoryAttempt) {
  return {
    id,
    at: entityTime(id),
    trigger: Number(triggerType) === 0 ? 'scheduled' : 'manual',
    succeeded: Number(status) === AttemptStatus.success,
    statusCode: Number(statusCode),
    durationMs: Number(durationMs),
    response,
  };
}

/** A message's story, as `where --json` prints it: no payload, no secret, no header, and of each response the first part. */
export function storyOf({ now, application, message, ...rows }: MessageStory) {
  const deliveriesOf = Map.groupBy(rows.deliveries, ({ endpointId }) => endpointId);
  const attemptsOf = Map.groupBy(rows.attempts, ({ endpointId }) => endpointId);
  const endpoints = new Map(rows.endpoints.map((endpoint) => [endpoint.id, endpoint]));
  const isForOneEndpoint = rows.deliveries.length > 0 && rows.deliveries.every(({ run }) => run !== AUTOMATIC_RUN);
  const { id, appId: _, hasPayload, payloadUntil, ...shown } = message;
  return {
    now: new Date(now),
    message: {
      id,
      acceptedAt: entityTime(id),
      ...shown,
      payload: { kept: hasPayload && payloadUntil.getTime() > now, until: payloadUntil },
    },
    application: { id: application.id, uid: application.uid, name: application.name, deleted: application.deleted },
    organization: application.orgId,
    endpoints: [...deliveriesOf].map(([endpointId, deliveries]) => {
      const endpoint = endpoints.get(endpointId);
      const attempts = attemptsOf.get(endpointId) ?? [];
      return {
        ...(endpoint ? shownEndpoint(endpoint) : { id: endpointId, uid: null, host: null }),
        deliveries: deliveries.map((delivery) => ({
          ...standingOf(delivery, message, attempts, now),
          run: delivery.run,
          manual: delivery.run !== AUTOMATIC_RUN,
          attempts: delivery.attempts,
          fence: delivery.fence,
          dueAt: delivery.dueAt,
          reason: delivery.reason,
        })),
        attempts: attempts.map(shownAttempt),
      };
    }),
    withoutDelivery: rows.endpoints
      .filter((endpoint) => !deliveriesOf.has(endpoint.id))
      .map((endpoint) => ({ ...shownEndpoint(endpoint), why: whyNot(endpoint, message, isForOneEndpoint) })),
    deadLetters: rows.deadLetters.map(({ id: letterId, endpointId, reason, since }) => ({
      id: letterId,
      endpointId,
      reason,
      since,
    })),
    operationalEvents: rows.events.map((event) => ({
      id: event.id,
      type: event.type,
      endpointId: event.data['endpointId'],
      tries: event.tries,
      dueAt: event.dueAt,
    })),
    incomplete: rows.incomplete,
  };
}

export type Story = ReturnType<typeof storyOf>;
