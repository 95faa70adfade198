import { Injectable } from '@nestjs/common';
import { Batcher } from '../database/batcher.js';
import { Database } from '../database/database.js';
import { Directory } from '../database/directory.js';
import { isAway, isLockConflict } from '../database/errors.js';
import { newId } from '../domain/ids.js';
import { Tracer } from '../observability/tracing.js';
import { GroupCommit } from './group-commit.js';
import { EventIdTaken, UnknownApplication } from './ingest-errors.js';
import { memberOf, type Member, type MemberResult, type NewMessage } from './member.js';

const MOST_MESSAGES = 100;
const MOST_WEIGHT = 4 * 1024 * 1024;
/** A delivery row weighs so much that a group has at most 2,000 of them. */
const ROW_WEIGHT = MOST_WEIGHT / 2_000;

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
    private readonly directory: Directory,
    groupCommit: GroupCommit,
    private readonly tracer: Tracer,
  ) {
    this.batcher = new Batcher<Member, MemberResult>({
      run: (members) => groupCommit.run(members),
      most: MOST_MESSAGES,
      mostWeight: MOST_WEIGHT,
      weightOf: (member) => member.message.payload.length + member.entry.targets.length * ROW_WEIGHT,
      concurrency: groupCommit.concurrency,
      isTransient: (error) => isAway(error) || isLockConflict(error),
    });
  }

  /**
   * Keeps a message and its deliveries; resolves once they are committed.
   * Throws UnknownApplication, EventIdTaken, or a database error that nothing of the message survived.
   */
  async accept(orgId: string, appIdOrUid: string, message: NewMessage): Promise<{ id: string }> {
    try {
      const id = await this.tracer.span('accept message', {}, () => this.commit(orgId, appIdOrUid, message));
      this.outcomes.accepted++;
      return { id };
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

  private async commit(orgId: string, appIdOrUid: string, message: NewMessage): Promise<string> {
    this.database.assertReady();
    const entry = await this.directory.find(orgId, appIdOrUid);
    if (!entry) throw new UnknownApplication();
    const now = Date.now();
    const id = message.id ?? newId('msg_', now);
    const trace = this.tracer.current();
    const member = memberOf(entry, id, message, now);
    const result = await this.batcher.add(trace ? { ...member, trace } : member);
    if (result === 'event id taken') throw new EventIdTaken();
    if (result === 'application gone') throw new UnknownApplication();
    return id;
  }
}
