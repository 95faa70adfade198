import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { dialectOf, keyAbove, useIndex } from '../dialect.js';
import { TaskStatus } from '../entities/background-task.entity.js';
import { MessageRemoval, OPEN, type MessageStep } from '../removal/message-removal.js';
import { removeByKey } from '../removal/rows.js';
import { Transactions } from '../transactions.js';

/** An application that has messages older than a time. */
export interface OldMessages {
  orgId: string;
  appId: string;
  /** The oldest one; null if there is none. */
  first: string | null;
}

/** The key of a background task. */
export interface TaskKey {
  orgId: string;
  id: string;
}

/** Finds and removes messages and background tasks that are older than the retention, of all organisations. */
@Injectable()
export class RowRetentionRepository {
  private readonly removal: MessageRemoval;

  constructor(
    private readonly dataSource: DataSource,
    private readonly transactions: Transactions,
  ) {
    this.removal = new MessageRemoval(dataSource, transactions);
  }

  /** Up to `limit` applications after an id, deleted ones included, each with its oldest message before the id `below`. */
  async applications(after: string, below: string, limit: number): Promise<OldMessages[]> {
    const index = dialectOf(this.dataSource) === 'mysql' ? useIndex('mysql', 'PRIMARY') : '';
    return this.dataSource.query(
      `SELECT a.org_id AS orgId, a.id AS appId,
              (SELECT m.id FROM message m ${index} WHERE m.app_id = a.id AND m.id < ? ORDER BY m.id LIMIT 1) AS first
         FROM application a ${index} WHERE a.id > ? ORDER BY a.id LIMIT ?`,
      [below, after, limit],
    );
  }

  /** Ids of the application's oldest messages in a range, as many as a step removes. */
  messages(appId: string, range: { above: string; below: string }): Promise<string[]> {
    return this.removal.ids(appId, range);
  }

  /** Removes these messages with everything that hangs on them, as far as none of their deliveries is open. */
  remove({ orgId, appId }: OldMessages, msgIds: readonly string[]): Promise<MessageStep> {
    return this.removal.remove({ orgId, appId, msgIds, blocking: OPEN });
  }

  /** Up to `limit` background tasks after a key, in the order of their keys. `ended`: the task was created before the id `before` and does not run any more. */
  async tasks(after: TaskKey, before: string, limit: number): Promise<(TaskKey & { ended: boolean })[]> {
    const rows: (TaskKey & { ended: number })[] = await this.dataSource.query(
      `SELECT org_id AS orgId, id, (id < ? AND status <> ${TaskStatus.running}) AS ended FROM background_task
        WHERE ${keyAbove[dialectOf(this.dataSource)]('org_id', 'id')} ORDER BY org_id, id LIMIT ?`,
      [before, after.orgId, after.orgId, after.id, limit],
    );
    return rows.map((row) => ({ ...row, ended: Number(row.ended) === 1 }));
  }

  /** Removes background tasks. Returns how many. */
  removeTasks(keys: readonly TaskKey[]): Promise<number> {
    return this.transactions.write((manager) =>
      removeByKey(
        manager,
        'background_task',
        ['org_id', 'id'],
        keys.map(({ orgId, id }) => [orgId, id]),
      ),
    );
  }
}
