import { AttemptStatus } from '../database/entities/attempt.entity.js';
import { AUTOMATIC_RUN, DeliveryState, type Delivery } from '../database/entities/delivery.entity.js';
import { MAX_UNSETTLED_CLAIMS, unsettledClaims, WORKER_LOST } from '../database/engine/engine-store.js';
import type { StoryAttempt, StoryEndpoint, StoryMessage } from '../database/repositories/message-story.repository.js';
import { entityTime } from '../domain/ids.js';
import { mismatch } from '../domain/matching.js';

/** Where a delivery can be; docs/operations.md ("Where is my message?") says of each what to do. */
export const PLACES = [
  'waiting',
  'scheduled',
  'throttled',
  'claimed',
  'retry',
  'delivered',
  'failed',
  'dead letter',
  'dropped',
] as const;
export type Place = (typeof PLACES)[number];

/** The place, and a sentence about it. */
export interface Placed {
  place: Place;
  text: string;
}

/** Reasons for which a delivery ends without a request. */
const DROPPED: Record<string, string> = {
  'endpoint disabled': 'the endpoint was disabled when its turn came',
  'endpoint gone': 'the endpoint or the application was deleted',
  'event type filtered out': "the endpoint's event types did not include the message's any more",
  'channel filtered out': "the endpoint's channels did not include one of the message's any more",
  'message expunged': 'the payload was removed, or its time was over',
  'message gone': 'the message is not there any more',
};

/**
 * Where a delivery is.
 *
 * @param attempts those of its endpoint
 * @param now the database's clock, ms since 1970
 */
export function standingOf(delivery: Delivery, message: StoryMessage, attempts: readonly StoryAttempt[], now: number): Placed {
  if (delivery.state === DeliveryState.delivered) return delivered(delivery, attempts);
  if (delivery.state === DeliveryState.failed) return givenUp(delivery);
  if (delivery.state === DeliveryState.sending) return claimed(delivery, now);
  return waiting(delivery, message, now);
}

function delivered({ run }: Delivery, attempts: readonly StoryAttempt[]): Placed {
  const trigger = run === AUTOMATIC_RUN ? 0 : 1;
  const successes = attempts.filter(({ status, triggerType }) => status === AttemptStatus.success && triggerType === trigger);
  if (run === AUTOMATIC_RUN && successes.length === 0)
    return { place: 'delivered', text: 'a manual attempt delivered it, and the automatic ones ended' };
  // An attempt does not say its run. The code is certain only if all successful attempts of this kind have the same.
  const [code, ...others] = new Set(successes.map(({ statusCode }) => statusCode));
  return { place: 'delivered', text: code === undefined || others.length > 0 ? 'answered with a 2xx' : `answered ${code}` };
}

function givenUp(delivery: Delivery): Placed {
  const { reason } = delivery;
  if (reason === WORKER_LOST) {
    // One claim only let it wait, and the last one gave it up.
    const claims = Math.max(0, unsettledClaims(delivery) - 1);
    const lost = claims > MAX_UNSETTLED_CLAIMS ? claims - 1 : claims;
    return {
      place: 'dead letter',
      text: `given up: ${lost} claims in a row ended without an outcome; the delivery may kill its worker`,
    };
  }
  const dropped = reason === null ? undefined : DROPPED[reason];
  if (dropped) return { place: 'dropped', text: `ended without a request: ${dropped}` };
  return { place: 'failed', text: `given up: ${reason ?? 'no reason was written'}` };
}

function claimed({ dueAt }: Delivery, now: number): Placed {
  if (dueAt !== null && dueAt.getTime() <= now)
    return {
      place: 'claimed',
      text: `its worker was lost: the lease ended at ${timeText(dueAt)}, and a scanner claims it again`,
    };
  const text = `a worker has it: the request is under way, or its outcome is being written; the lease ends at ${timeText(dueAt)}`;
  return { place: 'claimed', text };
}

function waiting(delivery: Delivery, { deliverAt }: StoryMessage, now: number): Placed {
  const { run, attempts, fence, paced, dueAt } = delivery;
  if (unsettledClaims(delivery) > MAX_UNSETTLED_CLAIMS) {
    const text = `its workers died ${MAX_UNSETTLED_CLAIMS} times over it: it is tried once more, alone, from ${timeText(dueAt)} on`;
    return { place: 'waiting', text };
  }
  const isDue = dueAt === null || dueAt.getTime() <= now;
  const since = `due since ${timeText(dueAt)}: it waits for a worker with a free permit`;
  if (paced) {
    const text = isDue ? `the endpoint's rate allows it now, ${since}` : `the endpoint's rate allows it at ${timeText(dueAt)}`;
    return { place: 'throttled', text };
  }
  if (attempts > 0)
    return { place: 'retry', text: `attempt ${attempts + 1} is ${isDue ? since : `planned for ${timeText(dueAt)}`}` };
  if (run === AUTOMATIC_RUN && fence === 0 && deliverAt !== null && deliverAt.getTime() > now)
    return { place: 'scheduled', text: `not to be delivered before ${timeText(deliverAt)}` };
  if (isDue) return { place: 'waiting', text: since };
  const before = fence > 0 ? 'it was claimed before, or postponed' : 'no worker has claimed it yet';
  return { place: 'waiting', text: `${before}: a scanner takes it from ${timeText(dueAt)} on, unless its task comes earlier` };
}

/** Why an endpoint has no delivery of a message, as far as the endpoint's row tells it. */
export function whyNot(endpoint: StoryEndpoint, message: StoryMessage, isForOneEndpoint: boolean): string {
  const acceptedAt = entityTime(message.id);
  if (entityTime(endpoint.id) > acceptedAt) return `created later, at ${timeText(entityTime(endpoint.id))}`;
  const changedLater = endpoint.updatedAt > acceptedAt;
  if (endpoint.deleted) {
    if (!changedLater) return `deleted before, at ${timeText(endpoint.updatedAt)}`;
    return `deleted since, at ${timeText(endpoint.updatedAt)}: it did not match, or was disabled, when the message came`;
  }
  if (isForOneEndpoint) return 'the message was made for one endpoint alone';
  const reason = mismatch(endpoint, message);
  const change = `(by its settings of ${timeText(endpoint.updatedAt)}, later than the message)`;
  if (reason !== null) return changedLater ? `${detail(reason, endpoint, message)} ${change}` : detail(reason, endpoint, message);
  if (changedLater) return `it would match now, but was changed at ${timeText(endpoint.updatedAt)}, after the message`;
  return 'it matches: look for the line of the request in the log';
}

function detail(reason: NonNullable<ReturnType<typeof mismatch>>, endpoint: StoryEndpoint, message: StoryMessage): string {
  if (reason === 'endpoint disabled') return 'disabled';
  if (reason === 'event type filtered out')
    return `filtered out by event type: it takes ${endpoint.eventTypes!.join(', ')}, and this is ${message.eventType}`;
  const channels = message.channels?.join(', ') ?? 'none';
  return `filtered out by channel: it takes ${endpoint.channels!.join(', ')}, and the message has ${channels}`;
}

/** A time as operators compare it with the log: UTC, with milliseconds. */
export function timeText(time: Date | null): string {
  return time === null ? 'an unknown time' : time.toISOString();
}
