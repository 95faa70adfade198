import { Inject, Injectable } from '@nestjs/common';
import { APP_CONFIG, type AppConfig } from '../config/config.js';
import { ApplicationCache, type CachedApplication } from '../database/engine/application-cache.js';
import { DatabaseClock } from '../database/database-clock.js';
import {
  areMistimed,
  EngineStore,
  MAX_ID_SKEW_MS,
  type Committed,
  type Group,
  type GroupResult,
} from '../database/engine/engine-store.js';
import { DatabaseAway, isAway, isDuplicateKey } from '../database/errors.js';
import { newId } from '../domain/ids.js';
import { matches } from '../domain/matching.js';
import { TaskProducer } from '../queue/task-producer.js';
import { HandOff } from '../domain/hand-off.js';
import type { Member, MemberResult } from './member.js';
import { claimedOf, groupOf, resultsOf, traceOf, upToDate, type PlannedDelivery } from './planned-delivery.js';
import { tasksOf } from './tasks-of.js';

/** How often a group may find its applications changed and be matched again; each time somebody else made progress. */
const MAX_ROUNDS = 20;
/** How often the database may find its ids too old, or made by a wrong clock, which it then corrects. */
const MAX_MISTIMED = 3;
const CONCURRENT_GROUPS = 2;

/**
 * One group of messages: matched, committed in one transaction, then handed to the worker or to the queue.
 *
 * The endpoints come from memory and may be out of date; the transaction compares the applications' versions and writes
 * nothing if one has changed, so that an endpoint created through another process a moment ago gets the message. It writes nothing
 * either if the time in an id is far from the database's: those who poll read in the order of ids, and never meet one that comes late.
 */
@Injectable()
export class GroupCommit {
  /** Deliveries committed and sent on so far, by the way that they took. */
  readonly written = { handoff: 0, queue: 0 };

  constructor(
    @Inject(APP_CONFIG) private readonly config: AppConfig,
    private readonly store: EngineStore,
    private readonly applications: ApplicationCache,
    private readonly handOff: HandOff,
    private readonly producer: TaskProducer,
    private readonly clock: DatabaseClock,
  ) {}

  /** How many groups may be under way: while one waits for the disk, the next is sent. SQLite has one writer. */
  get concurrency(): number {
    return this.config.database.mysqlUrl ? CONCURRENT_GROUPS : 1;
  }

  /** Throws DatabaseAway, with nothing written, when the transaction takes longer than an id may be old. */
  async run(members: Member[]): Promise<MemberResult[]> {
    let present = this.ofNow(upToDate(members), this.clock.now());
    for (let round = 0, late = 0; round < MAX_ROUNDS; round++) {
      if (present.length === 0) return members.map(() => ({ kind: 'application gone' }));
      const planned = this.plan(present);
      const result = await this.commit(present, planned);
      if (result.kind === 'committed') return resultsOf(members, present, planned, result);
      if (result.kind === 'stale') present = await this.reload(present, result.appIds);
      else if (++late === MAX_MISTIMED) throw new DatabaseAway('The database takes too long for a transaction.');
      else present = this.ofNow(present, result.now);
    }
    throw new Error(`The endpoints of ${present[0]!.entry.appId} changed ${MAX_ROUNDS} times during one commit.`);
  }

  private async commit(members: Member[], planned: PlannedDelivery[]): Promise<GroupResult> {
    const permits = planned.flatMap(({ permit }) => permit ?? []);
    // Taken before the statement leaves: what is left of the lease is never more than the database's clock allows.
    const leaseEnds = performance.now() + this.config.delivery.leaseMs;
    const askedAt = this.clock.own();
    try {
      const result = await this.insert(groupOf(members, planned));
      if (result.kind === 'committed') this.send(planned, result, leaseEnds);
      else this.handOff.cancel(permits);
      if (result.kind === 'mistimed') this.clock.learn(result.now, askedAt);
      return result;
    } catch (error) {
      this.handOff.cancel(permits);
      throw error;
    }
  }

  /** Ids whose time the database refused, or would refuse before long, give way to ids of now. */
  private ofNow(members: Member[], databaseMs: number): Member[] {
    const isOff = (some: readonly Member[]) => areMistimed(some, databaseMs, MAX_ID_SKEW_MS / 2);
    if (!isOff(members)) return members;
    return members.map((member) => (isOff([member]) ? { ...member, id: newId('msg_', this.clock.now()) } : member));
  }

  /** Who gets what, and which of it this process's own worker takes. */
  private plan(members: Member[]): PlannedDelivery[] {
    const now = Date.now();
    const wanted = members.flatMap((member) => {
      const { eventType, channels, extras } = member.message;
      const dueAt = extras?.deliverAt && extras.deliverAt > now ? extras.deliverAt : null;
      return member.entry.endpoints
        .filter((endpoint) => matches(endpoint, { eventType, channels }))
        .map((endpoint) => ({ member, endpoint, dueAt }));
    });
    // Drawn once a group, not once a delivery: what takes the queue then fills its tasks and calls.
    const isNear = Math.random() < this.config.delivery.handoffShare;
    const offered = wanted.filter(({ endpoint, dueAt }) => isNear && dueAt === null && endpoint.throttleRate === null);
    const permits = this.handOff.reserve(
      offered.map(({ member: { entry }, endpoint }) => ({ orgId: entry.orgId, appId: entry.appId, endpointId: endpoint.id })),
    );
    const permitOf = new Map(offered.map((offer, at) => [offer, permits[at] ?? null]));
    return wanted.map((want) => ({ ...want, permit: permitOf.get(want) ?? null }));
  }

  /**
   * A COMMIT whose answer was lost may stand: one message's key tells for the whole group, but for messages with an eventId or an
   * idempotency key, which may have been left out: whose the key was, a repetition finds out. If it can't be told, the caller hears of
   * the error, and rows that stand are left to their lease. A lone message that is there already was made by another request with its key.
   */
  private async insert(group: Group): Promise<GroupResult> {
    try {
      return await this.store.insertGroup(group, this.config.delivery.leaseMs);
    } catch (error) {
      const [first] = group.messages;
      if (isDuplicateKey(error) && group.messages.length === 1 && (await this.store.hasMessage(first!.appId, first!.id)))
        return { kind: 'committed', eventIdTaken: new Set(), keyTaken: new Map([[first!.id, first!.id]]) };
      if (!isAway(error)) throw error;
      return this.afterLostAnswer(group, error);
    }
  }

  private async afterLostAnswer({ messages }: Group, error: unknown): Promise<GroupResult> {
    const sure = messages.find((message) => message.eventId === null && !message.key);
    if (sure && !(await this.store.hasMessage(sure.appId, sure.id))) throw error;
    const unsure = messages.filter((message) => message.eventId !== null || message.key);
    const there = await Promise.all(unsure.map((message) => this.store.hasMessage(message.appId, message.id)));
    if (!sure && !there.includes(true)) throw error;
    const missing = unsure.filter((_, at) => !there[at]);
    const keyed = missing.filter((message) => message.key).map(({ id }) => [id, id] as const);
    return { kind: 'committed', eventIdTaken: new Set(missing.map(({ id }) => id)), keyTaken: new Map(keyed) };
  }

  /** After the 202s: they are written in this turn of the event loop, a webhook should not outrun its own. */
  private send(planned: PlannedDelivery[], { eventIdTaken, keyTaken }: Committed, leaseEnds: number): void {
    const isOut = ({ member }: PlannedDelivery) => eventIdTaken.has(member.id) || keyTaken.has(member.id);
    const lost = eventIdTaken.size + keyTaken.size === 0 ? [] : planned.filter((plan) => plan.permit && isOut(plan));
    if (lost.length > 0) this.handOff.cancel(lost.flatMap(({ permit }) => permit ?? []));
    const kept = planned.filter((plan) => plan.dueAt === null && !isOut(plan));
    if (kept.length === 0) return;
    for (const { permit } of kept) this.written[permit ? 'handoff' : 'queue']++;
    setImmediate(() => {
      this.handOff.start(kept.filter(({ permit }) => permit).map((plan) => claimedOf(plan, leaseEnds)));
      const queued = kept.filter(({ permit }) => !permit);
      const refs = queued.map(({ member, endpoint }) => ({
        appId: member.entry.appId,
        msgId: member.id,
        endpointId: endpoint.id,
        run: 0,
        fence: 0,
        ...traceOf(member),
      }));
      if (refs.length > 0) void this.producer.send(tasksOf(refs));
    });
  }

  /** Members of applications that are gone drop out; the others get their application as it is now. */
  private async reload(members: Member[], stale: string[]): Promise<Member[]> {
    const fresh = new Map<string, CachedApplication | null>();
    for (const appId of stale) {
      this.applications.forget(appId);
      fresh.set(appId, await this.applications.byId(appId));
    }
    return members.flatMap((member) => {
      const entry = fresh.has(member.entry.appId) ? fresh.get(member.entry.appId)! : member.entry;
      return entry ? [{ ...member, entry }] : [];
    });
  }
}
