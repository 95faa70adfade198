import { Injectable } from '@nestjs/common';
import { DataSource, type QueryDeepPartialEntity } from 'typeorm';
import { firstIdAt, newId } from '../../domain/ids.js';
import type { IdWindow } from '../../domain/time-window.js';
import { dialectOf } from '../dialect.js';
import { BackgroundTask, TaskStatus } from '../entities/background-task.entity.js';
import { isKey, applyWindow } from '../list-query.js';
import { fromNow, runTaskWrites, type TaskWrites } from '../task-writes.js';
import { Transactions } from '../transactions.js';

/** Older tasks are not shown. */
const SHOWN_MS = 90 * 24 * 3_600_000;
/** A list leaves out results that are larger: 250 of them would fill the memory. The task itself shows them. */
const MAX_LIST_BYTES = 65_536;

/** A task as it is asked for. */
export interface NewTask {
  appId: string | null;
  task: string;
  input: object;
  data: object;
}

/** Which tasks are wanted; null means no restriction. */
export interface TaskFilter {
  appId: string | null;
  task: string | null;
  status: TaskStatus | null;
}

/** What names a task, at the claim at which it was read. */
export type TaskRef = Pick<BackgroundTask, 'orgId' | 'id' | 'fence'>;

/** One that is due, with how often it was claimed since it last got on. */
export type DueTask = TaskRef & Pick<BackgroundTask, 'tries'>;

/** How far a step came. */
export interface TaskProgress {
  reached: string;
  data: object;
  done: boolean;
  writes: TaskWrites;
}

/**
 * The table `background_task`.
 *
 * A process that dies with a task leaves it to its lease: then the next one claims it and goes on where the last commit ended,
 * because a step's rows and its progress are one transaction. Whoever was only slow finds its fence lost, and writes nothing.
 */
@Injectable()
export class BackgroundTaskRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly transactions: Transactions,
  ) {}

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
    await this.transactions.write((manager) => manager.insert(BackgroundTask, { ...row, dueAt: this.after(0) }));
    return { ...row, dueAt: null };
  }

  /** The task, if it is the organisation's and, where `appId` says so, about that application. */
  async find(orgId: string, id: string, appId: string | null): Promise<BackgroundTask | null> {
    if (!isKey(id)) return null;
    return this.dataSource.manager.findOneBy(BackgroundTask, { orgId, id, ...(appId === null ? {} : { appId }) });
  }

  /** Up to `count` tasks of the window, in the order of its walk. Large results are left out. */
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

  /** Tasks of these kinds that are due and in nobody's hands, longest waiting first. */
  async due(kinds: readonly string[], count: number): Promise<DueTask[]> {
    return this.dataSource.manager
      .createQueryBuilder(BackgroundTask, 't')
      .select(['t.orgId', 't.id', 't.fence', 't.tries'])
      .where(`t.dueAt <= ${fromNow(this.dataSource, 0)} AND t.task IN (:...kinds)`, { kinds })
      .orderBy('t.dueAt')
      .limit(count)
      .getMany();
  }

  /** The task under a claim of `leaseMs`; null if somebody else was first. */
  async claim({ orgId, id, fence }: TaskRef, leaseMs: number): Promise<BackgroundTask | null> {
    const held = await this.update(
      { orgId, id, fence },
      { fence: fence + 1, tries: () => 'tries + 1', dueAt: this.after(leaseMs) },
    );
    return held ? this.dataSource.manager.findOneBy(BackgroundTask, { orgId, id, fence: fence + 1 }) : null;
  }

  /** Writes what a step did and how far it came, all or nothing; the lease begins anew. False if the claim was lost: nothing is written. */
  async commit(ref: TaskRef, { reached, data, done, writes }: TaskProgress, leaseMs: number): Promise<boolean> {
    return this.transactions.write(async (manager) => {
      const changes = {
        reached,
        data,
        tries: 0,
        status: done ? TaskStatus.finished : TaskStatus.running,
        dueAt: done ? null : this.after(leaseMs),
        updatedAt: new Date(),
      };
      const result = await manager.update(BackgroundTask, held(ref), changes as QueryDeepPartialEntity<BackgroundTask>);
      if (result.affected !== 1) return false;
      await runTaskWrites(manager, writes);
      return true;
    });
  }

  /** Lets others go on with it, `delayMs` from now. False if the claim was lost. */
  release(ref: TaskRef, delayMs: number): Promise<boolean> {
    return this.update(ref, { dueAt: this.after(delayMs) });
  }

  /** Gives it up; what is committed of it stays, and its data says why. False if the claim was lost. */
  fail(ref: TaskRef, error: string): Promise<boolean> {
    return this.transactions.write(async (manager) => {
      const now = await manager.findOneBy(BackgroundTask, held(ref));
      if (!now) return false;
      const changes = { status: TaskStatus.failed, data: { ...now.data, error }, dueAt: null, updatedAt: new Date() };
      const result = await manager.update(BackgroundTask, held(ref), changes as QueryDeepPartialEntity<BackgroundTask>);
      return result.affected === 1;
    });
  }

  /** Gives one up that was claimed again and again, and that perhaps can't be read at all. False if somebody else has it now. */
  bury(ref: TaskRef, error: string): Promise<boolean> {
    return this.update(ref, { status: TaskStatus.failed, data: { error }, dueAt: null, updatedAt: new Date() });
  }

  /** Before anything is claimed: on the embedded database, what its only process was doing when it died is due at once. */
  async recover(): Promise<void> {
    if (dialectOf(this.dataSource) !== 'sqlite') return;
    await this.transactions.write((manager) =>
      manager.update(BackgroundTask, { status: TaskStatus.running }, { dueAt: this.after(0) }),
    );
  }

  private update(ref: TaskRef, changes: object): Promise<boolean> {
    return this.transactions.write(async (manager) => {
      const result = await manager.update(BackgroundTask, held(ref), changes as QueryDeepPartialEntity<BackgroundTask>);
      return result.affected === 1;
    });
  }

  private after(ms: number): () => string {
    const sql = fromNow(this.dataSource, ms);
    return () => sql;
  }
}

function held({ orgId, id, fence }: TaskRef) {
  return { orgId, id, fence, status: TaskStatus.running };
}
