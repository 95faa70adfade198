import { Injectable } from '@nestjs/common';
import { DataSource, type QueryDeepPartialEntity } from 'typeorm';
import { firstIdAt, newId } from '../../domain/ids.js';
import type { IdWindow } from '../../domain/time-window.js';
import { dialectOf } from '../dialect.js';
import { BackgroundTask, TaskStatus } from '../entities/background-task.entity.js';
import { isKey, applyWindow } from '../list-query.js';
import { runTaskWrites, type TaskWrites } from '../task-writes.js';
import { fromNow } from '../sql-parts.js';
import { Transactions } from '../transactions.js';

/** The list leaves out older tasks. */
const SHOWN_MS = 90 * 24 * 3_600_000;
/** The list leaves out larger data: 250 of them would fill the memory. The single task shows its data whatever the size. */
const MAX_LIST_BYTES = 65_536;

/** A new task. */
export interface NewTask {
  appId: string | null;
  task: string;
  input: object;
  data: object;
}

/** Filters of the list of tasks. Null means no filter. */
export interface TaskFilter {
  appId: string | null;
  task: string | null;
  status: TaskStatus | null;
}

/** The key of a task, with the fence that was read. */
export type TaskRef = Pick<BackgroundTask, 'orgId' | 'id' | 'fence'>;

/** A task that is due, with the number of claims since its last progress. */
export type DueTask = TaskRef & Pick<BackgroundTask, 'tries'>;

/** The result of a step. */
export interface TaskProgress {
  /** The position up to which the work is done, in a format that the task's kind defines. */
  reached: string;
  /** What callers see of the task. */
  data: object;
  /** The task is finished. */
  done: boolean;
  /** What the step writes besides its progress. */
  writes: TaskWrites;
}

/**
 * The table `background_task`. A process works on a task under a lease. The rows of a step and its progress are one transaction.
 *
 * If the process dies: another one claims the task when the lease ends, and goes on after the last commit.
 * If the process was only slow: its fence is lost, and its next commit writes nothing.
 */
@Injectable()
export class BackgroundTaskRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly transactions: Transactions,
  ) {}

  /** Inserts a task that is due at once. */
  async create(orgId: string, given: NewTask): Promise<BackgroundTask> {
    const at = Date.now();
    const row = {
      ...given,
      orgId,
      id: newId('qtask_', at),
      status: TaskStatus.running,
      reached: null,
      fence: 0,
      tries: 0,
      updatedAt: new Date(at),
    };
    await this.transactions.write((manager) => manager.insert(BackgroundTask, { ...row, dueAt: this.timeAfter(0) }));
    return { ...row, dueAt: null };
  }

  /** The task; null if the organisation has none with this id, or if `appId` is given and the task belongs to another application. */
  async find(orgId: string, id: string, appId: string | null): Promise<BackgroundTask | null> {
    if (!isKey(id)) return null;
    return this.dataSource.manager.findOneBy(BackgroundTask, { orgId, id, ...(appId === null ? {} : { appId }) });
  }

  /** Up to `count` tasks, in the window's order of reading. Data larger than MAX_LIST_BYTES are replaced by `{}`. */
  async list(orgId: string, window: IdWindow, count: number, filter: TaskFilter): Promise<BackgroundTask[]> {
    const query = this.dataSource.manager
      .createQueryBuilder(BackgroundTask, 't')
      .select(['t.orgId', 't.id', 't.appId', 't.task', 't.status', 't.updatedAt'])
      .addSelect(`CASE WHEN LENGTH(t.data) <= ${MAX_LIST_BYTES} THEN t.data ELSE '{}' END`, 'shown')
      .where('t.orgId = :orgId AND t.id > :oldest', { orgId, oldest: firstIdAt('qtask_', Date.now() - SHOWN_MS) });
    if (filter.appId !== null) query.andWhere('t.appId = :appId', { appId: filter.appId });
    if (filter.task !== null) query.andWhere('t.task = :task', { task: filter.task });
    if (filter.status !== null) query.andWhere('t.status = :status', { status: filter.status });
    const { raw, entities } = await applyWindow(query, 't.id', window, count).getRawAndEntities<{ shown: string }>();
    return entities.map((task, at) => ({ ...task, data: JSON.parse(raw[at]!.shown) as object }));
  }

  /** Up to `count` tasks of these kinds that are due, so without a running lease; the one that waits longest first. */
  async due(kinds: readonly string[], count: number): Promise<DueTask[]> {
    return this.dataSource.manager
      .createQueryBuilder(BackgroundTask, 't')
      .select(['t.orgId', 't.id', 't.fence', 't.tries'])
      .where(`t.dueAt <= ${fromNow(this.dataSource, 0)} AND t.task IN (:...kinds)`, { kinds })
      .orderBy('t.dueAt')
      .limit(count)
      .getMany();
  }

  /** Claims the task for `leaseMs`; null if another process claimed it first. */
  async claim({ orgId, id, fence }: TaskRef, leaseMs: number): Promise<BackgroundTask | null> {
    const claimed = await this.update(
      { orgId, id, fence },
      { fence: fence + 1, tries: () => 'tries + 1', dueAt: this.timeAfter(leaseMs) },
    );
    return claimed ? this.dataSource.manager.findOneBy(BackgroundTask, { orgId, id, fence: fence + 1 }) : null;
  }

  /**
   * Writes the result of a step in one transaction, and renews the lease. False if the claim was lost; then nothing is written. Throws a
   * duplicate-key error (`isDuplicateKey`) if a new delivery exists already.
   */
  async commit(ref: TaskRef, { reached, data, done, writes }: TaskProgress, leaseMs: number): Promise<boolean> {
    return this.transactions.write(async (manager) => {
      const changes = {
        reached,
        data,
        tries: 0,
        status: done ? TaskStatus.finished : TaskStatus.running,
        dueAt: done ? null : this.timeAfter(leaseMs),
        updatedAt: new Date(),
      };
      const result = await manager.update(BackgroundTask, held(ref), changes as QueryDeepPartialEntity<BackgroundTask>);
      if (result.affected !== 1) return false;
      await runTaskWrites(manager, writes);
      return true;
    });
  }

  /** Ends the claim: the task is due again after `delayMs`. With `uncounted` it does not count as a try. False if the claim was lost. */
  release(ref: TaskRef, delayMs: number, { uncounted = false } = {}): Promise<boolean> {
    return this.update(ref, {
      dueAt: this.timeAfter(delayMs),
      ...(uncounted ? { tries: () => 'CASE WHEN tries > 0 THEN tries - 1 ELSE 0 END' } : {}),
    });
  }

  /** Marks the task as failed and adds the error to its data. What it has committed stays. False if the claim was lost. */
  fail(ref: TaskRef, error: string): Promise<boolean> {
    return this.transactions.write(async (manager) => {
      const current = await manager.findOneBy(BackgroundTask, held(ref));
      if (!current) return false;
      const changes = { status: TaskStatus.failed, data: { ...current.data, error }, dueAt: null, updatedAt: new Date() };
      const result = await manager.update(BackgroundTask, held(ref), changes as QueryDeepPartialEntity<BackgroundTask>);
      return result.affected === 1;
    });
  }

  /**
   * Marks a task as failed without reading it, for a task that was claimed too often: perhaps its row can't be read. Replaces its data.
   * False if another process has claimed it.
   */
  abandon(ref: TaskRef, error: string): Promise<boolean> {
    return this.update(ref, { status: TaskStatus.failed, data: { error }, dueAt: null, updatedAt: new Date() });
  }

  /** For the start, before the first claim. On the embedded database it makes all running tasks due, because their process has died. */
  async recover(): Promise<void> {
    if (dialectOf(this.dataSource) !== 'sqlite') return;
    await this.transactions.write((manager) =>
      manager.update(BackgroundTask, { status: TaskStatus.running }, { dueAt: this.timeAfter(0) }),
    );
  }

  private update(ref: TaskRef, changes: object): Promise<boolean> {
    return this.transactions.write(async (manager) => {
      const result = await manager.update(BackgroundTask, held(ref), changes as QueryDeepPartialEntity<BackgroundTask>);
      return result.affected === 1;
    });
  }

  private timeAfter(ms: number): () => string {
    const sql = fromNow(this.dataSource, ms);
    return () => sql;
  }
}

/** The condition that the task still runs under this claim. */
function held({ orgId, id, fence }: TaskRef) {
  return { orgId, id, fence, status: TaskStatus.running };
}
