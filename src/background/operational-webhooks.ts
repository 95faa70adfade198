import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import type { Loop } from '../async/loop.js';
import { Database } from '../database/database.js';
import type { OperationalEventRow } from '../database/entities/operational-event.entity.js';
import { isAway } from '../database/errors.js';
import { OperationalEventRepository } from '../database/repositories/operational-event.repository.js';
import { errorFields, Log } from '../observability/log.js';
import { isPermanentError } from '../observability/permanent-error.js';
import { ReleaseGate } from '../release/release-gate.js';
import { gatedLoop } from './gated-loop.js';
import { OperationalWebhooksSender } from './operational-webhooks-sender.js';
import { OperationalMessages } from './operational-messages.js';

const EVERY_MS = 1_000;
const EVENTS = 100;
/** Longer than sending one may take: then another worker may try. */
const LEASE_MS = 60_000;
const FIRST_DELAY_MS = 5_000;
const MAX_DELAY_MS = 3_600_000;
/** With the delays between them these take about half a day. */
const MAX_TRIES = 20;

/**
 * Tells tenants what happened to their endpoints and messages: takes the events that were stored in the database, and sends a message for
 * each, which is then delivered like any other.
 *
 * If the process dies over an event: its lease runs out, and any worker takes it again. The receiver knows the event by its eventId. An
 * event is removed only after its message was accepted, or when there is no message to send.
 */
@Injectable()
export class OperationalWebhooks implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly loop: Loop;

  constructor(
    private readonly database: Database,
    private readonly events: OperationalEventRepository,
    private readonly messages: OperationalMessages,
    private readonly sender: OperationalWebhooksSender,
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
    const due = await this.events.due(EVENTS);
    if (due.length === 0) return false;
    const taken = await this.events.lease(due, LEASE_MS);
    const done = await Promise.all(taken.map(async (event) => ((await this.send(event)) ? [event.id] : [])));
    await this.events.remove(done.flat());
    return due.length === EVENTS;
  }

  /** True if the event is done with: its message was accepted, there is no message to send, or it was given up. */
  private async send(event: OperationalEventRow): Promise<boolean> {
    const { id, type, appId } = event;
    try {
      const message = await this.messages.about(event);
      if (message) await this.sender.send(message);
    } catch (error) {
      return this.postpone(event, error);
    }
    this.log.debug('operational_webhook.told', { id, type, appId });
    return true;
  }

  /** Plans another try. True if there were too many already: the event is given up. */
  private async postpone({ id, type, appId, tries }: OperationalEventRow, error: unknown): Promise<boolean> {
    const facts = { id, type, appId, tries: tries + 1, ...errorFields(error) };
    // While the database is full, say, no message can be made of it.
    if (tries + 1 >= MAX_TRIES && !isAway(error)) {
      this.log.error('operational_webhook.given_up', facts);
      return true;
    }
    const delayMs = Math.min(FIRST_DELAY_MS * 2 ** tries, MAX_DELAY_MS);
    this.log[isPermanentError(error) ? 'error' : 'warn']('operational_webhook.failed', { ...facts, nextTryMs: delayMs });
    await this.events.postpone(id, delayMs);
    return false;
  }
}
