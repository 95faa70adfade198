import { Inject, Injectable } from '@nestjs/common';
import { APP_CONFIG, type AppConfig } from '../config/config.js';
import { Directory, type DirectoryEntry } from '../database/directory.js';
import { EngineStore, type Group, type NewDeliveryRow } from '../database/engine-store.js';
import { isAway } from '../database/errors.js';
import type { Claimed, Target } from '../domain/claimed.js';
import { matches } from '../domain/matching.js';
import { USUAL_RETENTION_DAYS } from '../domain/message-extras.js';
import { TaskProducer } from '../queue/task-producer.js';
import { HandOff, type Permit } from './hand-off.js';
import type { Member, MemberResult } from './member.js';
import { tasksOf } from './tasks-of.js';

/** How often a group may find its applications changed and be matched again; each time somebody else made progress. */
const MOST_ROUNDS = 20;
const CONCURRENT_GROUPS = 2;

interface Planned {
  member: Member;
  target: Target;
  /** A scheduled one waits for its time in the database alone: null goes out now. */
  dueAt: number | null;
  permit: Permit | null;
}

/**
 * One group of messages: matched, committed in one transaction, then handed to the worker or to the queue.
 *
 * The endpoints come from memory and may be out of date; the transaction compares the applications' versions first and writes
 * nothing if one has changed, so that an endpoint created through another process a moment ago gets the message.
 */
@Injectable()
export class GroupCommit {
  /** Deliveries committed and sent on so far, by the way that they took. */
  readonly written = { handoff: 0, queue: 0 };

  constructor(
    @Inject(APP_CONFIG) private readonly config: AppConfig,
    private readonly store: EngineStore,
    private readonly directory: Directory,
    private readonly handOff: HandOff,
    private readonly producer: TaskProducer,
  ) {}

  /** How many groups may be under way: while one waits for the disk, the next is sent. SQLite has one writer. */
  get concurrency(): number {
    return this.config.database.mysqlUrl ? CONCURRENT_GROUPS : 1;
  }

  async run(members: Member[]): Promise<MemberResult[]> {
    let present = upToDate(members);
    for (let round = 0; round < MOST_ROUNDS; round++) {
      if (present.length === 0) break;
      const outcome = await this.commit(present);
      if (!outcome.stale) return members.map((member) => resultOf(member, present, outcome.eventIdTaken));
      present = await this.reload(present, outcome.stale);
    }
    if (present.length === 0) return members.map(() => 'application gone');
    throw new Error(`The endpoints of ${present[0]!.entry.appId} changed ${MOST_ROUNDS} times during one commit.`);
  }

  private async commit(members: Member[]): Promise<{ stale?: string[]; eventIdTaken: ReadonlySet<string> }> {
    const planned = this.plan(members);
    const permits = planned.flatMap(({ permit }) => permit ?? []);
    // Taken before the statement leaves: what is left of the lease is never more than the database's clock allows.
    const leaseEnds = performance.now() + this.config.delivery.leaseMs;
    try {
      const result = await this.insert(groupOf(members, planned));
      if (result.kind === 'stale') {
        this.handOff.cancel(permits);
        return { stale: result.appIds, eventIdTaken: new Set() };
      }
      this.send(planned, result.eventIdTaken, leaseEnds);
      return { eventIdTaken: result.eventIdTaken };
    } catch (error) {
      this.handOff.cancel(permits);
      throw error;
    }
  }

  /** Who gets what, and which of it this process's own worker takes. */
  private plan(members: Member[]): Planned[] {
    const now = Date.now();
    const wanted = members.flatMap((member) => {
      const { eventType, channels, extras } = member.message;
      const dueAt = extras?.deliverAt && extras.deliverAt > now ? extras.deliverAt : null;
      return member.entry.targets
        .filter((target) => matches(target, { eventType, channels }))
        .map((target) => ({ member, target, dueAt }));
    });
    // Drawn once a group, not once a delivery: what takes the queue then fills its tasks and calls.
    const isNear = Math.random() < this.config.delivery.handoffShare;
    const offered = wanted.filter(({ target, dueAt }) => isNear && dueAt === null && target.throttleRate === null);
    const permits = this.handOff.reserve(
      offered.map(({ member, target }) => ({ appId: member.entry.appId, endpointId: target.id })),
    );
    const permitOf = new Map(offered.map((offer, at) => [offer, permits[at] ?? null]));
    return wanted.map((want) => ({ ...want, permit: permitOf.get(want) ?? null }));
  }

  /**
   * A COMMIT whose answer was lost may stand: one message's key tells for the whole group, but for messages with an eventId,
   * which may have been left out. If it can't be told, the caller hears of the error, and rows that stand are left to their lease.
   */
  private async insert(group: Group): ReturnType<EngineStore['insertGroup']> {
    try {
      return await this.store.insertGroup(group, this.config.delivery.leaseMs);
    } catch (error) {
      if (!isAway(error)) throw error;
      const sure = group.messages.find((message) => message.eventId === null);
      if (sure && !(await this.store.hasMessage(sure.appId, sure.id))) throw error;
      const named = group.messages.filter((message) => message.eventId !== null);
      const there = await Promise.all(named.map((message) => this.store.hasMessage(message.appId, message.id)));
      if (!sure && !there.includes(true)) throw error;
      return { kind: 'committed', eventIdTaken: new Set(named.filter((_, at) => !there[at]).map((message) => message.id)) };
    }
  }

  /** After the 202s: they are written in this turn of the event loop, a webhook should not outrun its own. */
  private send(planned: Planned[], eventIdTaken: ReadonlySet<string>, leaseEnds: number): void {
    const lost = planned.filter(({ member, permit }) => permit && eventIdTaken.has(member.id));
    if (lost.length > 0) this.handOff.cancel(lost.flatMap(({ permit }) => permit ?? []));
    const kept = planned.filter(({ member, dueAt }) => dueAt === null && !eventIdTaken.has(member.id));
    if (kept.length === 0) return;
    for (const { permit } of kept) this.written[permit ? 'handoff' : 'queue']++;
    setImmediate(() => {
      this.handOff.start(kept.filter(({ permit }) => permit).map((plan) => claimedOf(plan, leaseEnds)));
      const queued = kept.filter(({ permit }) => !permit);
      const refs = queued.map(({ member, target }) => ({
        appId: member.entry.appId,
        msgId: member.id,
        endpointId: target.id,
        run: 0,
        fence: 0,
        ...traceOf(member),
      }));
      if (refs.length > 0) void this.producer.send(tasksOf(refs));
    });
  }

  /** Members of applications that are gone drop out; the others get their application as it is now. */
  private async reload(members: Member[], stale: string[]): Promise<Member[]> {
    const fresh = new Map<string, DirectoryEntry | null>();
    for (const appId of stale) {
      this.directory.forget(appId);
      fresh.set(appId, await this.directory.byId(appId));
    }
    return members.flatMap((member) => {
      const entry = fresh.has(member.entry.appId) ? fresh.get(member.entry.appId)! : member.entry;
      return entry ? [{ ...member, entry }] : [];
    });
  }
}

/** Members of one application may have joined with different versions of it: the newest counts for all. */
function upToDate(members: Member[]): Member[] {
  const newest = new Map<string, DirectoryEntry>();
  for (const { entry } of members) {
    if ((newest.get(entry.appId)?.version ?? -1) < entry.version) newest.set(entry.appId, entry);
  }
  return members.map((member) => ({ ...member, entry: newest.get(member.entry.appId)! }));
}

function groupOf(members: Member[], planned: Planned[]): Group {
  return {
    versions: new Map(members.map(({ entry }) => [entry.appId, entry.version])),
    messages: members.map(({ entry, id, message, payloadUntil }) => ({
      appId: entry.appId,
      id,
      eventType: message.eventType,
      eventId: message.eventId,
      channels: message.channels,
      payload: message.payload,
      payloadUntil,
      expiresEarly: message.retentionDays < USUAL_RETENTION_DAYS,
      extras: message.extras ?? null,
    })),
    deliveries: planned.map(({ member, target, dueAt, permit }): NewDeliveryRow => ({
      appId: member.entry.appId,
      msgId: member.id,
      endpointId: target.id,
      claimed: permit !== null,
      dueAt,
    })),
  };
}

function claimedOf({ member, target }: Planned, leaseEnds: number): Claimed {
  return {
    appId: member.entry.appId,
    msgId: member.id,
    endpointId: target.id,
    run: 0,
    fence: 1,
    attempts: 0,
    leaseEnds,
    eventType: member.message.eventType,
    payload: member.message.payload,
    contentType: member.message.extras?.contentType ?? null,
    target,
    ...traceOf(member),
  };
}

function traceOf({ trace }: Member): { trace?: string } {
  return trace ? { trace } : {};
}

function resultOf(member: Member, present: Member[], eventIdTaken: ReadonlySet<string>): MemberResult {
  if (eventIdTaken.has(member.id)) return 'event id taken';
  return present.some(({ id }) => id === member.id) ? 'committed' : 'application gone';
}
