import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { APPLICATIONS, type DemoApplication } from './applications.js';
import { DemoFault, type DemoApi } from './demo-api.js';
import { EVENT_TYPES, oneOf } from './event-types.js';

/** Messages that new applications get at once, all together. */
const TRAIL = 300;
const BATCH = 50;
/** Between two messages, ms: one to three a second, and later, if nobody may look any more, six a minute. */
const LIVELY = [333, 1_000] as const;
const CALM = [8_000, 12_000] as const;
/** So long a demo that calms down is lively. */
const LIVELY_MS = 30 * 60_000;
/** After an error. */
const PAUSE_MS = 5_000;
/** One message in so many is planned for later. */
const SCHEDULED = 40;
const SCHEDULED_MS = 120_000;
/** Somebody recovers what this endpoint has missed, so often. */
const RECOVERED = '/app/demo-harbor/endpoint/demo-newsletter/recover';
const RECOVERY_MS = 5 * 60_000;

/** How messages are sent. */
export interface Traffic {
  /** Ends it. */
  signal: AbortSignal;
  say: (line: string) => void;
  /** After half an hour, fewer messages. */
  calmsDown: boolean;
}

/**
 * Sends messages until the end: first a few hundred to applications that are new, so that there is something to see, then one after the other. A
 * service that is away is asked again and again.
 */
export async function sendMessages(
  api: DemoApi,
  made: readonly DemoApplication[],
  { signal, say, calmsDown }: Traffic,
): Promise<void> {
  const calmFrom = calmsDown ? performance.now() + LIVELY_MS : Infinity;
  const trail = made.flatMap(batchesTo);
  let isAway = false;
  let recoveredAt = -Infinity;
  while (!signal.aborted) {
    const [min, max] = performance.now() < calmFrom ? LIVELY : CALM;
    let pauseMs = trail.length > 0 ? 0 : min + Math.random() * (max - min);
    try {
      await sendNext(api, trail);
      if (trail.length === 0 && performance.now() - recoveredAt > RECOVERY_MS) {
        recoveredAt = performance.now();
        await recover(api);
      }
      if (isAway) say('The service takes messages again.');
      isAway = false;
    } catch (error) {
      if (!(error instanceof DemoFault)) throw error;
      if (!isAway && !signal.aborted) say(error.message);
      isAway = true;
      pauseMs = PAUSE_MS;
    }
    await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
  }
}

interface Message {
  eventType: string;
  payload: object;
  channels?: string[];
  deliverAt?: string;
}

interface Batch {
  application: DemoApplication;
  messages: Message[];
}

/** A batch that is left of the trail, or else one message. */
async function sendNext(api: DemoApi, trail: Batch[]): Promise<void> {
  const [batch] = trail;
  if (batch === undefined) {
    const application = drawn();
    await api.post(`/app/${application.uid}/msg`, identified(messageTo(application)));
    return;
  }
  await api.post(`/app/${batch.application.uid}/msg/batch`, batch.messages.map(identified));
  trail.shift();
}

/** Starts the task. Somebody may have disabled the endpoint, or removed it: then there is none. */
async function recover(api: DemoApi): Promise<void> {
  try {
    await api.post(RECOVERED, { since: new Date(Date.now() - 2 * RECOVERY_MS).toISOString() });
  } catch (error) {
    if (!(error instanceof DemoFault && (error.status === 404 || error.status === 409))) throw error;
  }
}

function batchesTo(application: DemoApplication): Batch[] {
  const count = Math.round(TRAIL * application.share);
  return Array.from({ length: Math.ceil(count / BATCH) }, (_, at) => ({
    application,
    messages: Array.from({ length: Math.min(BATCH, count - at * BATCH) }, () => messageTo(application)),
  }));
}

/** An application, more often one with a larger share. */
function drawn(): DemoApplication {
  let rest = Math.random();
  return APPLICATIONS.find(({ share }) => (rest -= share) < 0) ?? APPLICATIONS[0];
}

/** With an id of the sender's own, by which it can be found. Another one at each try, since the service takes each only once. */
const identified = (message: Message) => ({ ...message, eventId: `${message.eventType}-${randomBytes(4).toString('hex')}` });

function messageTo({ channels }: DemoApplication): Message {
  const { name, payload } = oneOf(EVENT_TYPES);
  const isScheduled = Math.random() < 1 / SCHEDULED;
  return {
    eventType: name,
    payload: payload(),
    ...(channels && { channels: [oneOf(channels)] }),
    ...(isScheduled && { deliverAt: new Date(Date.now() + SCHEDULED_MS).toISOString() }),
  };
}
