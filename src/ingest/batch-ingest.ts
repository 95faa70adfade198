import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Batcher } from '../async/batcher.js';
import { DatabaseClock } from '../database/database-clock.js';
import { Database } from '../database/database.js';
import { ApplicationCache, type CachedApplication } from '../database/engine/application-cache.js';
import { newId } from '../domain/ids.js';
import { matches } from '../domain/matching.js';
import { GroupCommit } from './group-commit.js';
import { LATE_BATCH_AFTER_LOOKS, LOOK_EVERY_MS, Overloaded, TooManyDeliveries, UnknownApplication } from './ingest-errors.js';
import { Ingest } from './ingest.js';
import { pendingMessage, type MessageResult, type NewMessage, type PendingMessage } from './pending-message.js';

/** More rows would make other transactions wait too long. */
const MAX_DELIVERIES = 20_000;

/**
 * Accepts many messages of one application in one transaction, which may be larger than a group of single messages. This process runs one
 * such transaction at a time, beside those groups. Organisations take turns, because one batch may take seconds.
 *
 * If the process dies before the COMMIT: no message exists. After it: all of them exist, and a scanner finds their deliveries.
 */
@Injectable()
export class BatchIngest implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly batcher: Batcher<PendingMessage[], MessageResult[]>;

  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly database: Database,
    private readonly applications: ApplicationCache,
    private readonly ingest: Ingest,
    private readonly clock: DatabaseClock,
    groupCommit: GroupCommit,
  ) {
    this.batcher = new Batcher<PendingMessage[], MessageResult[]>({
      run: async ([messages]) => [await groupCommit.run(messages!)],
      maxItems: 1,
      ownerOf: ([first]) => first!.application.orgId,
      concurrency: 1,
    });
  }

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => this.batcher.dropLate(LATE_BATCH_AFTER_LOOKS, () => new Overloaded()), LOOK_EVERY_MS).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /**
   * Resolves once the messages are committed, with one id for each, in the same order (null for a message whose eventId is taken), and the
   * number of their deliveries.
   * Throws UnknownApplication, TooManyDeliveries, Overloaded (they waited for too long, and are not written), or a database error. If `isUndecided(error)`, all of the messages may exist nevertheless.
   */
  async acceptAll(
    orgId: string,
    appIdOrUid: string,
    messages: readonly NewMessage[],
  ): Promise<{ ids: (string | null)[]; deliveries: number }> {
    this.database.assertReady();
    const application = await this.applications.find(orgId, appIdOrUid);
    if (!application) throw new UnknownApplication();
    if (messages.length === 0) return { ids: [], deliveries: 0 };
    if (countDeliveries(application, messages) > MAX_DELIVERIES) throw new TooManyDeliveries(MAX_DELIVERIES);
    const now = this.clock.now();
    // Ids of one millisecond are in random order. They are sorted, so that lists show the messages in the order of the batch.
    const newIds = messages.map(() => newId('msg_', now)).toSorted();
    const pending = messages.map((message, at) => pendingMessage(application, newIds[at]!, message, now, null));
    const results = await this.batcher.add(pending);
    if (results.some(({ kind }) => kind === 'application gone')) throw new UnknownApplication();
    const ids = results.map((result) => ('id' in result ? result.id : null));
    const accepted = ids.filter((id) => id !== null).length;
    const deliveries = results.reduce((sum, result) => sum + (result.kind === 'committed' ? result.deliveries : 0), 0);
    this.ingest.outcomes.accepted += accepted;
    this.ingest.outcomes.conflict += ids.length - accepted;
    return { ids, deliveries };
  }

  /** Resolves when no batch is under way. */
  flush(): Promise<void> {
    return this.batcher.flush();
  }
}

function countDeliveries({ endpoints }: CachedApplication, messages: readonly NewMessage[]): number {
  return messages.reduce((sum, message) => sum + endpoints.filter((endpoint) => matches(endpoint, message)).length, 0);
}
