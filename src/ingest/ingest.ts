import { Inject, Injectable } from '@nestjs/common';
import { APP_CONFIG, type AppConfig } from '../config/config.js';
import { Batcher } from '../database/batcher.js';
import { Database } from '../database/database.js';
import { Directory } from '../database/directory.js';
import { isAway, isLockConflict } from '../database/errors.js';
import { newId } from '../domain/ids.js';
import { GroupCommit } from './group-commit.js';
import { EventIdTaken, UnknownApplication } from './ingest-errors.js';
import type { Member, MemberResult, NewMessage } from './member.js';

const MOST_MESSAGES = 100;
const MOST_WEIGHT = 4 * 1024 * 1024;
/** A delivery row weighs so much that a group has at most 2,000 of them. */
const ROW_WEIGHT = MOST_WEIGHT / 2_000;
/** Groups in flight: while one waits for the disk, the next is sent. */
const CONCURRENT_GROUPS = 2;
const DAY_MS = 86_400_000;

/**
 * First half of the engine: a message becomes rows, and the rows become work.
 *
 * When the process dies before the COMMIT, nothing was promised. After it, the rows are there: claimed ones come due when
 * their lease runs out, waiting ones when their grace is over, and any scanner sends them. The 202 is only answered after the COMMIT.
 */
@Injectable()
export class Ingest {
  private readonly batcher: Batcher<Member, MemberResult>;

  constructor(
    @Inject(APP_CONFIG) config: AppConfig,
    private readonly database: Database,
    private readonly directory: Directory,
    groupCommit: GroupCommit,
  ) {
    this.batcher = new Batcher<Member, MemberResult>({
      run: (members) => groupCommit.run(members),
      most: MOST_MESSAGES,
      mostWeight: MOST_WEIGHT,
      weightOf: (member) => member.message.payload.length + member.entry.targets.length * ROW_WEIGHT,
      concurrency: config.database.mysqlUrl ? CONCURRENT_GROUPS : 1,
      isTransient: (error) => isAway(error) || isLockConflict(error),
    });
  }

  /**
   * Keeps a message and its deliveries; resolves once they are committed.
   * Throws UnknownApplication, EventIdTaken, or a database error that nothing of the message survived.
   */
  async accept(orgId: string, appIdOrUid: string, message: NewMessage): Promise<{ id: string }> {
    this.database.assertReady();
    const entry = await this.directory.find(orgId, appIdOrUid);
    if (!entry) throw new UnknownApplication();
    const now = Date.now();
    const id = newId('msg_', now);
    const result = await this.batcher.add({ entry, id, message, payloadUntil: now + message.retentionDays * DAY_MS });
    if (result === 'event id taken') throw new EventIdTaken();
    if (result === 'application gone') throw new UnknownApplication();
    return { id };
  }

  /** Resolves when every group is committed. */
  flush(): Promise<void> {
    return this.batcher.flush();
  }
}
