import type { Endpoint } from '../../../api/endpoints.js';
import type { Attempt, Destination, Story } from '../../../api/message-story.js';
import type { Message } from '../../../api/messages.js';
import type { Tone } from '../../../kit/status.js';
import * as texts from '../../../texts/en.js';
import { reasonOf } from './reason.js';

const { story: words } = texts.messages;

/** How a message stands at one endpoint, in words. */
export interface Standing {
  tone: Tone;
  headline: string;
  /** Why it is so; null if the headline says all. */
  why: string | null;
  /** What to do about it. */
  help: string | null;
}

/** What is known of an endpoint now: undefined while it is not, null if it was deleted. */
export type EndpointNow = Pick<Endpoint, 'disabled' | 'unreadable'> | null | undefined;

/** How a message stands at an endpoint, and why. `attempts` are those at this endpoint, the oldest first. */
export function standingOf(input: {
  message: Message;
  destination: Destination;
  attempts: readonly Attempt[];
  endpoint: EndpointNow;
  now: number;
  /** How often a message is tried before it is given up; null if that is not known. */
  most: number | null;
  /** A person has asked for an attempt that is not there yet. */
  awaited?: boolean;
}): Standing {
  const { message, destination, attempts, endpoint, now, most, awaited = false } = input;
  const { statusText, nextAttempt } = destination;
  if (statusText === 'success') return delivered(message, attempts);
  const blocked = blockOf(message, destination, endpoint);
  if (statusText === 'fail' || statusText === 'canceled') return failed(message, destination, attempts, blocked);
  const next = attempts.filter(({ manual }) => !manual).length + 1;
  if (statusText === 'sending' && nextAttempt === null)
    return { tone: 'waiting', headline: awaited ? words.asked : words.sending(next, most), why: null, help: null };
  const headline = words.waiting(next, most);
  if (blocked === words.why.disabled) return { tone: 'waiting', headline, why: words.why.disabledWaiting, help: null };
  if (blocked !== null) return { tone: 'waiting', headline, why: blocked, help: null };
  const last = attempts.at(-1);
  const reason = last ? reasonOf(last) : null;
  if (reason !== null) return { tone: 'waiting', headline, why: reason.text, help: reason.help };
  return { tone: 'waiting', headline, why: waitOf(message, destination, now), help: null };
}

function delivered(message: Message, attempts: readonly Attempt[]): Standing {
  const at = attempts.findIndex(({ success }) => success);
  const attempt = attempts[at];
  const headline = attempt
    ? words.delivered(at + 1, Math.max(0, attempt.at.getTime() + attempt.durationMs - startOf(message).getTime()))
    : words.deliveredOnly;
  return { tone: 'good', headline, why: null, help: null };
}

function failed(message: Message, destination: Destination, attempts: readonly Attempt[], blocked: string | null): Standing {
  const headline = words.failed(attempts.length);
  const last = attempts.at(-1);
  const reason = last ? reasonOf(last) : null;
  if (reason)
    return { tone: 'bad', headline, why: blocked === null ? reason.text : `${reason.text} ${blocked}`, help: reason.help };
  return { tone: 'bad', headline, why: blocked ?? filterOf(message, destination) ?? words.why.unsent, help: null };
}

/** Why nothing can be sent to the endpoint now; null if it can. */
function blockOf({ content }: Message, { disabled }: Destination, endpoint: EndpointNow): string | null {
  if (endpoint === null) return words.why.deleted;
  if (endpoint?.unreadable !== undefined) return words.why.unreadable;
  if (endpoint?.disabled ?? disabled) return words.why.disabled;
  return content.kind === 'expired' ? words.why.expired : null;
}

function filterOf({ eventType, channels }: Message, destination: Destination): string | null {
  if (destination.eventTypes && !destination.eventTypes.includes(eventType)) return words.why.filteredType(eventType);
  const isHeard = !destination.channels || destination.channels.some((channel) => channels?.includes(channel));
  return isHeard ? null : words.why.filteredChannel;
}

function waitOf({ deliverAt }: Message, { throttleRate, nextAttempt }: Destination, now: number): string {
  if (deliverAt && deliverAt.getTime() > now) return words.why.scheduled;
  const isLater = nextAttempt !== null && nextAttempt.getTime() > now;
  return typeof throttleRate === 'number' && isLater ? words.why.throttled(throttleRate) : words.why.queue;
}

/** From when on the message could be sent. */
function startOf({ timestamp, deliverAt }: Message): Date {
  return deliverAt && deliverAt > timestamp ? deliverAt : timestamp;
}

/** The attempts of each endpoint, the oldest first. */
export function byEndpoint({ attempts }: Story): Map<string, Attempt[]> {
  return Map.groupBy(attempts, ({ endpointId }) => endpointId);
}
