import { Injectable } from '@nestjs/common';
import { Batcher } from '../async/batcher.js';
import { DatabaseClock } from '../database/database-clock.js';
import { Database } from '../database/database.js';
import { ApplicationCache, type CachedApplication } from '../database/engine/application-cache.js';
import { newId } from '../domain/ids.js';
import { matches } from '../domain/matching.js';
import { GroupCommit } from './group-commit.js';
import { TooManyDeliveries, UnknownApplication } from './ingest-errors.js';
import { Ingest } from './ingest.js';
import { memberOf, type Member, type MemberResult, type NewMessage } from './member.js';

/** Rows that one transaction may hold up others with. */
const MAX_DELIVERIES = 20_000;

/**
 * Takes many messages of an application in at once: one transaction for all of them, whatever the limits of a group are. One such
 * transaction at a time in this process, beside the groups of single messages.
 *
 * When the process dies before the COMMIT, none of them stands; after it, all of them do, and are found like any others.
 */
@Injectable()
export class BatchIngest {
  private readonly batcher: Batcher<Member[], MemberResult[]>;

  constructor(
    private readonly database: Database,
    private readonly applications: ApplicationCache,
    private readonly ingest: Ingest,
    private readonly clock: DatabaseClock,
    groupCommit: GroupCommit,
  ) {
    this.batcher = new Batcher<Member[], MemberResult[]>({
      run: async ([members]) => [await groupCommit.run(members!)],
      maxItems: 1,
      concurrency: 1,
    });
  }

  /**
   * Keeps the messages. Answers for each, in order, its id, or null if its eventId is taken; and how many deliveries they have together.
   * Resolves once they are committed.
   * Throws UnknownApplication, TooManyDeliveries, or a database error that nothing of them survived.
   */
  async acceptAll(
    orgId: string,
    appIdOrUid: string,
    messages: readonly NewMessage[],
  ): Promise<{ ids: (string | null)[]; deliveries: number }> {
    this.database.assertReady();
    const entry = await this.applications.find(orgId, appIdOrUid);
    if (!entry) throw new UnknownApplication();
    if (messages.length === 0) return { ids: [], deliveries: 0 };
    if (deliveriesOf(entry, messages) > MAX_DELIVERIES) throw new TooManyDeliveries(MAX_DELIVERIES);
    const now = this.clock.now();
    // Ids of one moment are in no order: sorted, the messages are listed in the order in which they came.
    const ids = messages.map(() => newId('msg_', now)).toSorted();
    const members = messages.map((message, at) => memberOf(entry, ids[at]!, message, now));
    const results = await this.batcher.add(members);
    if (results.some(({ kind }) => kind === 'application gone')) throw new UnknownApplication();
    const kept = results.map((result) => ('id' in result ? result.id : null));
    const accepted = kept.filter((id) => id !== null).length;
    const deliveries = results.reduce((sum, result) => sum + (result.kind === 'committed' ? result.deliveries : 0), 0);
    this.ingest.outcomes.accepted += accepted;
    this.ingest.outcomes.conflict += kept.length - accepted;
    return { ids: kept, deliveries };
  }

  /** Resolves when every batch is committed. */
  flush(): Promise<void> {
    return this.batcher.flush();
  }
}

function deliveriesOf({ endpoints }: CachedApplication, messages: readonly NewMessage[]): number {
  return messages.reduce((sum, message) => sum + endpoints.filter((endpoint) => matches(endpoint, message)).length, 0);
}
