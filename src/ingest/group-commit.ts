import { Inject, Injectable } from '@nestjs/common';
import { APP_CONFIG, type AppConfig } from '../config/config.js';
import { DatabaseClock } from '../database/database-clock.js';
import { ApplicationCache, type CachedApplication } from '../database/engine/application-cache.js';
import {
  areMistimed,
  EngineStore,
  MAX_ID_SKEW_MS,
  type Committed,
  type Group,
  type GroupResult,
} from '../database/engine/engine-store.js';
import { DatabaseAway } from '../database/errors.js';
import type { ClaimedDelivery, DeliveryRef, UnsealedEndpoint } from '../domain/delivery.js';
import { HandOff, permitOrDelay, type PermitHolder, type WaitingDelivery } from '../domain/hand-off.js';
import { newId } from '../domain/ids.js';
import { matches } from '../domain/matching.js';
import { DEFAULT_RETENTION_DAYS } from '../domain/message-extras.js';
import { packTasks } from '../queue/task.js';
import { TaskProducer } from '../queue/task-producer.js';
import { Overloaded } from './ingest-errors.js';
import { resultAfterError } from './lost-commit.js';
import type { MessageResult, PendingMessage } from './pending-message.js';

/** How often a group is matched again because one of its applications has changed. */
const MAX_ROUNDS = 20;
/** How often the database may refuse the time in an id. After the first time the database's clock is known. */
const MAX_MISTIMED = 3;
const CONCURRENT_GROUPS = 2;

/** A delivery of a group, before the commit. */
interface PlannedDelivery {
  pending: PendingMessage;
  endpoint: UnsealedEndpoint;
  /** ms since 1970; null for now. A scheduled delivery waits in the database until the scanner finds it. */
  dueAt: number | null;
  /** Permit of this process's worker; null if the delivery goes through the queue or is scheduled. */
  permit: PermitHolder | null;
  /** How long it must wait for its slow endpoint; then no task is sent. */
  delayMs: number | null;
}

/**
 * Commits a group of messages: matches them with endpoints, writes all rows in one transaction, then gives the deliveries to the worker of
 * this process or to the queue.
 *
 * The endpoints come from the cache and may be out of date. The transaction compares the applications' versions, and writes nothing if
 * one has changed. So an endpoint that another process created a moment ago gets the message. It writes nothing either if the time in an
 * id is far from the database's clock: pollers read messages in the order of their ids and would miss a message with an old one.
 *
 * If the process dies after the COMMIT: claimed rows come due when their lease ends, the others when their grace ends.
 */
@Injectable()
export class GroupCommit {
  /** How many deliveries were committed and passed on so far, by their way. */
  readonly written = { handoff: 0, queue: 0, waiting: 0 };

  constructor(
    @Inject(APP_CONFIG) private readonly config: AppConfig,
    private readonly store: EngineStore,
    private readonly applications: ApplicationCache,
    private readonly handOff: HandOff,
    private readonly producer: TaskProducer,
    private readonly clock: DatabaseClock,
  ) {}

  /** How many groups may run at a time. While MySQL writes one to its disk, the next one is sent. SQLite has one writer. */
  get concurrency(): number {
    return this.config.database.mysqlUrl ? CONCURRENT_GROUPS : 1;
  }

  /**
   * Answers one result for each message, in the same order. Throws, with nothing written, DatabaseAway if transactions take so long that the ids
   * are too old each time, and Overloaded if an application has changed each time; and other database errors.
   */
  async run(messages: PendingMessage[]): Promise<MessageResult[]> {
    let current = this.withFreshIds(withNewestApplications(messages), this.clock.now());
    for (let round = 0, mistimed = 0; round < MAX_ROUNDS; round++) {
      if (current.length === 0) return messages.map(() => ({ kind: 'application gone' }));
      const planned = this.plan(current);
      const result = await this.commit(current, planned);
      if (result.kind === 'committed') return resultsOf(messages, current, planned, result);
      if (result.kind === 'stale') current = await this.reload(current, result.appIds);
      else if (++mistimed === MAX_MISTIMED) throw new DatabaseAway('The database takes too long for a transaction.');
      else current = this.withFreshIds(current, result.now);
    }
    throw new Overloaded(`The endpoints of ${current[0]!.application.appId} changed ${MAX_ROUNDS} times during one commit`);
  }

  /** Replaces ids whose time the database has refused or would soon refuse. */
  private withFreshIds(messages: PendingMessage[], databaseMs: number): PendingMessage[] {
    const isMistimed = (some: readonly PendingMessage[]) => areMistimed(some, databaseMs, MAX_ID_SKEW_MS / 2);
    if (!isMistimed(messages)) return messages;
    return messages.map((pending) => (isMistimed([pending]) ? { ...pending, id: newId('msg_', this.clock.now()) } : pending));
  }

  /** Matches messages with endpoints, and reserves permits for deliveries that this process's worker can send now. */
  private plan(messages: PendingMessage[]): PlannedDelivery[] {
    const now = Date.now();
    const deliveries = messages.flatMap((pending) => {
      const { eventType, channels, extras } = pending.message;
      const dueAt = extras?.deliverAt && extras.deliverAt > now ? extras.deliverAt : null;
      return pending.application.endpoints
        .filter((endpoint) => matches(endpoint, { eventType, channels }))
        .map((endpoint) => ({ pending, endpoint, dueAt }));
    });
    // One random number a group, not one a delivery: so a group that takes the queue fills its tasks and calls.
    const usesHandOff = Math.random() < this.config.delivery.handoffShare;
    const isDirect = ({ throttleRate, unreadable }: UnsealedEndpoint) => throttleRate === null && unreadable === null;
    const direct = deliveries.filter(({ endpoint, dueAt }) => usesHandOff && dueAt === null && isDirect(endpoint));
    const reserved = this.handOff.reserve(
      direct.map(({ pending: { application }, endpoint }) => ({
        orgId: application.orgId,
        appId: application.appId,
        endpointId: endpoint.id,
      })),
    );
    const reservedFor = new Map(direct.map((delivery, at) => [delivery, reserved[at] ?? null]));
    return deliveries.map((delivery) => ({ ...delivery, ...permitOrDelay(reservedFor.get(delivery) ?? null) }));
  }

  /** One try: nothing is written unless it answers `committed`. */
  private async commit(messages: PendingMessage[], planned: PlannedDelivery[]): Promise<GroupResult> {
    const permits = planned.flatMap(({ permit }) => permit ?? []);
    // Measured before the statement leaves, so that this process never believes in a lease that has ended in the database.
    const leaseEnds = performance.now() + this.config.delivery.leaseMs;
    const askedAt = this.clock.own();
    try {
      const result = await this.insert(groupOf(messages, planned));
      if (result.kind === 'committed') this.passOn(planned, result, leaseEnds);
      else this.handOff.cancel(permits);
      if (result.kind === 'mistimed') this.clock.learn(result.now, askedAt);
      return result;
    } catch (error) {
      this.handOff.cancel(permits);
      throw error;
    }
  }

  private async insert(group: Group): Promise<GroupResult> {
    try {
      return await this.store.insertGroup(group, this.config.delivery.leaseMs);
    } catch (error) {
      return resultAfterError(this.store, group, error);
    }
  }

  /** Passes the committed deliveries on to the worker or the queue. Gives back permits whose messages were not written. */
  private passOn(planned: PlannedDelivery[], { eventIdTaken, keyTaken }: Committed, leaseEnds: number): void {
    const isLeftOut = ({ pending }: PlannedDelivery) => eventIdTaken.has(pending.id) || keyTaken.has(pending.id);
    const unused = eventIdTaken.size + keyTaken.size === 0 ? [] : planned.filter((plan) => plan.permit && isLeftOut(plan));
    if (unused.length > 0) this.handOff.cancel(unused.flatMap(({ permit }) => permit ?? []));
    const written = planned.filter((plan) => plan.dueAt === null && !isLeftOut(plan));
    if (written.length === 0) return;
    for (const { permit, delayMs } of written) this.written[permit ? 'handoff' : delayMs === null ? 'queue' : 'waiting']++;
    // The 202s are written in this turn of the event loop. A webhook should not arrive before them.
    setImmediate(() => {
      this.handOff.start(written.filter(({ permit }) => permit).map((plan) => claimedOf(plan, leaseEnds)));
      const waiting = written.filter(({ delayMs }) => delayMs !== null);
      if (waiting.length > 0) this.handOff.wait(waiting.map((plan) => waitingOf(plan)));
      const refs = written.filter(({ permit, delayMs }) => !permit && delayMs === null).map((plan) => refOf(plan, 0));
      if (refs.length > 0) void this.producer.send(packTasks(refs));
    });
  }

  /** Reads the applications that have changed. Messages of applications that no longer exist drop out. */
  private async reload(messages: PendingMessage[], stale: string[]): Promise<PendingMessage[]> {
    const reloaded = new Map<string, CachedApplication | null>();
    for (const appId of stale) {
      this.applications.forget(appId);
      reloaded.set(appId, await this.applications.byId(appId));
    }
    return messages.flatMap((pending) => {
      const { appId } = pending.application;
      const application = reloaded.has(appId) ? reloaded.get(appId)! : pending.application;
      return application ? [{ ...pending, application }] : [];
    });
  }
}

/** Messages of one application may have come with different versions of it. All get the newest one. */
function withNewestApplications(messages: PendingMessage[]): PendingMessage[] {
  const newest = new Map<string, CachedApplication>();
  for (const { application } of messages) {
    if ((newest.get(application.appId)?.version ?? -1) < application.version) newest.set(application.appId, application);
  }
  return messages.map((pending) => ({ ...pending, application: newest.get(pending.application.appId)! }));
}

/** The rows that the transaction writes. */
function groupOf(messages: PendingMessage[], planned: PlannedDelivery[]): Group {
  return {
    versions: new Map(messages.map(({ application }) => [application.appId, application.version])),
    messages: messages.map(({ application, id, message, payloadUntil }) => ({
      appId: application.appId,
      id,
      eventType: message.eventType,
      eventId: message.eventId,
      channels: message.channels,
      payload: message.payload,
      payloadUntil,
      expiresEarly: message.retentionDays < DEFAULT_RETENTION_DAYS,
      key: message.key ?? null,
      extras: message.extras ?? null,
    })),
    deliveries: planned.map(({ pending, endpoint, dueAt, permit, delayMs }) => ({
      appId: pending.application.appId,
      msgId: pending.id,
      endpointId: endpoint.id,
      claimed: permit !== null,
      dueAt,
      delayMs,
    })),
  };
}

/** @param fence 1 if the INSERT has claimed the row, otherwise 0 */
function refOf({ pending: { application, id, trace }, endpoint }: PlannedDelivery, fence: number): DeliveryRef {
  return { appId: application.appId, msgId: id, endpointId: endpoint.id, run: 0, fence, ...(trace ? { trace } : {}) };
}

function waitingOf(plan: PlannedDelivery): WaitingDelivery {
  return { ...refOf(plan, 0), orgId: plan.pending.application.orgId, rate: null };
}

/** A delivery that its INSERT has claimed, for the worker. */
function claimedOf(plan: PlannedDelivery, leaseEnds: number): ClaimedDelivery {
  const { eventType, payload, extras } = plan.pending.message;
  const contentType = extras?.contentType ?? null;
  return { ...refOf(plan, 1), attempts: 0, leaseEnds, eventType, payload, contentType, endpoint: plan.endpoint };
}

/** @param current those of `messages` whose application still exists, with the ids that were committed */
function resultsOf(
  messages: PendingMessage[],
  current: PendingMessage[],
  planned: PlannedDelivery[],
  { eventIdTaken, keyTaken }: Committed,
): MessageResult[] {
  const written = new Map(current.map(({ message, id }) => [message, { kind: 'committed' as const, id, deliveries: 0 }]));
  for (const { pending } of planned) written.get(pending.message)!.deliveries++;
  return messages.map(({ message }) => {
    const committed = written.get(message);
    if (!committed) return { kind: 'application gone' };
    const known = keyTaken.get(committed.id);
    if (known !== undefined) return { kind: 'known', id: known };
    return eventIdTaken.has(committed.id) ? { kind: 'event id taken' } : committed;
  });
}
