import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Batcher } from '../async/batcher.js';
import { Database } from '../database/database.js';
import { DatabaseClock } from '../database/database-clock.js';
import { ApplicationCache } from '../database/engine/application-cache.js';
import { EngineStore } from '../database/engine/engine-store.js';
import { isAway, isLockConflict } from '../database/errors.js';
import { newId } from '../domain/ids.js';
import { Tracer } from '../observability/tracing.js';
import { GroupCommit } from './group-commit.js';
import { EventIdTaken, LATE_AFTER_LOOKS, LOOK_EVERY_MS, Overloaded, UnknownApplication } from './ingest-errors.js';
import { pendingMessage, type Accepted, type MessageResult, type NewMessage, type PendingMessage } from './pending-message.js';

/** Limits of one group. Weights are bytes: the payload, and an amount for each endpoint of the application. */
const MAX_MESSAGES = 100;
const MAX_WEIGHT = 4 * 1024 * 1024;
/** With this a group has at most 2,000 delivery rows, unless one message has more. */
const ROW_WEIGHT = MAX_WEIGHT / 2_000;

/**
 * First half of the engine: accepts single messages and commits them in groups.
 *
 * If the process dies before the COMMIT: the message does not exist, and the client got no 202.
 * If the process dies after the COMMIT: claimed deliveries come due when their lease ends, the others when their grace ends. Any process's
 * scanner finds them.
 */
@Injectable()
export class Ingest implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly batcher: Batcher<PendingMessage, MessageResult>;
  /** How many messages had which outcome so far. `conflict`: the eventId was taken. */
  readonly outcomes = { accepted: 0, conflict: 0, error: 0 };

  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly database: Database,
    private readonly applications: ApplicationCache,
    private readonly store: EngineStore,
    private readonly clock: DatabaseClock,
    private readonly groupCommit: GroupCommit,
    private readonly tracer: Tracer,
  ) {
    this.batcher = new Batcher<PendingMessage, MessageResult>({
      run: (messages) => groupCommit.run(messages),
      maxItems: MAX_MESSAGES,
      maxWeight: MAX_WEIGHT,
      weightOf: ({ message, application }) => message.payload.length + application.endpoints.length * ROW_WEIGHT,
      concurrency: groupCommit.concurrency,
      isTransient: (error) => isAway(error) || isLockConflict(error),
    });
  }

  /** While the database stands still, no message waits for longer than its client does. */
  onApplicationBootstrap(): void {
    this.timer = setInterval(() => this.batcher.dropLate(LATE_AFTER_LOOKS, () => new Overloaded()), LOOK_EVERY_MS).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /**
   * Resolves once the message and its deliveries are committed, with the message's final id.
   * Throws UnknownApplication, EventIdTaken, Overloaded (it waited for too long, and is not written), or a database error. If `isUndecided(error)`, the message may exist nevertheless.
   */
  async accept(orgId: string, appIdOrUid: string, message: NewMessage): Promise<Accepted> {
    try {
      const accepted = await this.tracer.span('accept message', {}, () => this.commit(orgId, appIdOrUid, message));
      if (!accepted.known) this.outcomes.accepted++;
      return accepted;
    } catch (error) {
      if (error instanceof EventIdTaken) this.outcomes.conflict++;
      else if (!(error instanceof UnknownApplication)) this.outcomes.error++;
      throw error;
    }
  }

  /** Resolves when no group is waiting or under way. */
  flush(): Promise<void> {
    return this.batcher.flush();
  }

  private async commit(orgId: string, appIdOrUid: string, message: NewMessage): Promise<Accepted> {
    this.database.assertReady();
    const application = await this.applications.find(orgId, appIdOrUid);
    if (!application) throw new UnknownApplication();
    const now = this.clock.now();
    const id = message.id ?? newId('msg_', now);
    const pending = pendingMessage(application, id, message, now, this.tracer.current() ?? null);
    const result = message.repeats ? await this.commitAlone(pending) : await this.batcher.add(pending);
    if (result.kind === 'event id taken') throw new EventIdTaken();
    if (result.kind === 'application gone') throw new UnknownApplication();
    if (result.kind === 'known') return { id: result.id, known: true, deliveries: null };
    return { id: result.id, known: false, deliveries: result.deliveries };
  }

  /**
   * Commits a message whose idempotency key another request uses or used. It is not in a group, because the group's other messages would
   * wait for that request too.
   *
   * The id that the other request chose is looked up first, which waits for a transaction that is writing it. If it is missing, and too
   * old to be written, no later transaction writes it either.
   */
  private async commitAlone(pending: PendingMessage): Promise<MessageResult> {
    if (await this.store.hasMessage(pending.application.appId, pending.id)) return { kind: 'known', id: pending.id };
    const [result] = await this.groupCommit.run([pending]);
    return result!;
  }
}
