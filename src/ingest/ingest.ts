import { Injectable } from '@nestjs/common';
import { Batcher } from '../async/batcher.js';
import { Database } from '../database/database.js';
import { DatabaseClock } from '../database/database-clock.js';
import { ApplicationCache } from '../database/engine/application-cache.js';
import { EngineStore } from '../database/engine/engine-store.js';
import { isAway, isLockConflict } from '../database/errors.js';
import { newId } from '../domain/ids.js';
import { Tracer } from '../observability/tracing.js';
import { GroupCommit } from './group-commit.js';
import { EventIdTaken, UnknownApplication } from './ingest-errors.js';
import { memberOf, type Accepted, type Member, type MemberResult, type NewMessage } from './member.js';

const MAX_MESSAGES = 100;
const MAX_WEIGHT = 4 * 1024 * 1024;
/** A delivery row weighs so much that a group has at most 2,000 of them. */
const ROW_WEIGHT = MAX_WEIGHT / 2_000;

/**
 * First half of the engine: a message becomes rows, and the rows become work.
 *
 * When the process dies before the COMMIT, nothing was promised. After it, the rows are there: claimed ones come due when
 * their lease runs out, waiting ones when their grace is over, and any scanner sends them. The 202 is only answered after the COMMIT.
 */
@Injectable()
export class Ingest {
  private readonly batcher: Batcher<Member, MemberResult>;
  /** What became of messages so far; `conflict`: its eventId was taken. */
  readonly outcomes = { accepted: 0, conflict: 0, error: 0 };

  constructor(
    private readonly database: Database,
    private readonly applications: ApplicationCache,
    private readonly store: EngineStore,
    private readonly clock: DatabaseClock,
    private readonly groupCommit: GroupCommit,
    private readonly tracer: Tracer,
  ) {
    this.batcher = new Batcher<Member, MemberResult>({
      run: (members) => groupCommit.run(members),
      maxItems: MAX_MESSAGES,
      maxWeight: MAX_WEIGHT,
      weightOf: (member) => member.message.payload.length + member.entry.endpoints.length * ROW_WEIGHT,
      concurrency: groupCommit.concurrency,
      isTransient: (error) => isAway(error) || isLockConflict(error),
    });
  }

  /**
   * Keeps a message and its deliveries; resolves once they are committed, with the id that the message has in the end.
   * Throws UnknownApplication, EventIdTaken, or a database error: `isUndecided` tells whether something of the message may survive.
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

  /** Resolves when every group is committed. */
  flush(): Promise<void> {
    return this.batcher.flush();
  }

  private async commit(orgId: string, appIdOrUid: string, message: NewMessage): Promise<Accepted> {
    this.database.assertReady();
    const entry = await this.applications.find(orgId, appIdOrUid);
    if (!entry) throw new UnknownApplication();
    const now = this.clock.now();
    const id = message.id ?? newId('msg_', now);
    const trace = this.tracer.current();
    const plain = memberOf(entry, id, message, now);
    const member = trace ? { ...plain, trace } : plain;
    const result = message.repeats ? await this.commitAlone(member) : await this.batcher.add(member);
    if (result.kind === 'event id taken') throw new EventIdTaken();
    if (result.kind === 'application gone') throw new UnknownApplication();
    if (result.kind === 'known') return { id: result.id, known: true, deliveries: null };
    return { id: result.id, known: false, deliveries: result.deliveries };
  }

  /**
   * Not in a group, whose other members would wait with it for a request that is still under way with its key. The id that was named before
   * is looked for first: once it is too old to be written, and nobody is writing it, it never will be.
   */
  private async commitAlone(member: Member): Promise<MemberResult> {
    if (await this.store.hasMessage(member.entry.appId, member.id)) return { kind: 'known', id: member.id };
    const [result] = await this.groupCommit.run([member]);
    return result!;
  }
}
