import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import type { Loop } from '../async/loop.js';
import { Database } from '../database/database.js';
import type { OperationalEventRow } from '../database/entities/operational-event.entity.js';
import { errorFields, Log } from '../observability/log.js';
import { isPermanentError } from '../observability/permanent-error.js';
import { ReleaseGate } from '../release/release-gate.js';
import { OperationalWebhooksFeed } from './operational-webhooks-feed.js';
import { OperationalWebhooksOutlet } from './operational-webhooks-outlet.js';
import { gatedLoop } from './gated-loop.js';

const EVERY_MS = 1_000;
const EVENTS = 100;
/** Longer than telling may take: then somebody else may try. */
const LEASE_MS = 60_000;
const FIRST_DELAY_MS = 5_000;
const MAX_DELAY_MS = 3_600_000;
/** Over about half a day. */
const MAX_TRIES = 20;

/**
 * Tells tenants what happened to their endpoints and messages: takes the events that were noted in the database, and sends each on
 * as a message, from where on it is delivered like any other.
 *
 * When the process dies over an event, its lease runs out and any worker takes it again; the receiver knows it by its eventId. An
 * event is removed only once it was taken, or nobody wants it.
 */
@Injectable()
export class OperationalWebhooks implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly loop: Loop;

  constructor(
    private readonly database: Database,
    private readonly feed: OperationalWebhooksFeed,
    private readonly outlet: OperationalWebhooksOutlet,
    gate: ReleaseGate,
    private readonly log: Log,
  ) {
    this.loop = gatedLoop({ name: 'operational_webhooks', everyMs: EVERY_MS, turn: () => this.turn() }, gate, log);
  }

  onApplicationBootstrap(): void {
    void this.database.ready.then(() => this.loop.start());
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.loop.stop();
  }

  private async turn(): Promise<boolean> {
    const { events } = this.feed;
    const due = await events.due(EVENTS);
    if (due.length === 0) return false;
    const taken = await events.take(due, LEASE_MS);
    const done = await Promise.all(taken.map(async (event) => ((await this.tell(event)) ? [event.id] : [])));
    await events.remove(done.flat());
    return due.length === EVENTS;
  }

  /** Answers whether the event has done its duty: it was taken, nobody wants it, or it was given up. */
  private async tell(event: OperationalEventRow): Promise<boolean> {
    const { id, type, appId } = event;
    try {
      const told = await this.feed.messageOf(event);
      if (told) await this.outlet.tell(told.orgId, told.message);
    } catch (error) {
      return this.again(event, error);
    }
    this.log.debug('operational_webhook.told', { id, type, appId });
    return true;
  }

  private async again({ id, type, appId, tries }: OperationalEventRow, error: unknown): Promise<boolean> {
    const facts = { id, type, appId, tries: tries + 1, ...errorFields(error) };
    if (tries + 1 >= MAX_TRIES) {
      this.log.error('operational_webhook.given_up', facts);
      return true;
    }
    const delayMs = Math.min(FIRST_DELAY_MS * 2 ** tries, MAX_DELAY_MS);
    this.log[isPermanentError(error) ? 'error' : 'warn']('operational_webhook.failed', { ...facts, nextTryMs: delayMs });
    await this.feed.events.putOff(id, delayMs);
    return false;
  }
}
