import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { AppUsage } from '../../src/background/app-usage.js';
import { PurgeContent } from '../../src/background/purge-content.js';
import { Recover } from '../../src/background/recover.js';
import { ReplayMissing } from '../../src/background/replay-missing.js';
import { ReplayTarget } from '../../src/background/replay-target.js';
import { TASK, TaskKind } from '../../src/background/task-kinds.js';
import { TaskWork } from '../../src/background/task-work.js';
import {
  BackgroundTaskRepository,
  type TaskProgress,
  type TaskRef,
} from '../../src/database/repositories/background-task.repository.js';
import { EndpointEvents } from '../../src/database/endpoint-events.js';
import { EndpointRepository } from '../../src/database/repositories/endpoint.repository.js';
import type { BackgroundTask } from '../../src/database/entities/background-task.entity.js';
import { isDuplicateKey } from '../../src/database/errors.js';
import { ReplayRepository } from '../../src/database/repositories/replay.repository.js';
import { Transactions } from '../../src/database/transactions.js';
import { UsageRepository } from '../../src/database/repositories/usage.repository.js';
import type { Admission } from '../../src/ingest/admission.js';
import { createLog } from '../../src/observability/log.js';
import { EngineFixture, settlement, type OpenStore } from './engine-fixture.js';

const ORG = 'org_1';
const LEASE_MS = 60_000;
const FAILED = { kind: 'failed', reason: 'retries exhausted' } as const;
const HOUR_MS = 3_600_000;
const span = () => ({ since: Date.now() - HOUR_MS, until: Date.now() + HOUR_MS });

/** Background tasks when processes die or compete, on every database. */
export function backgroundTasksContract(open: () => Promise<OpenStore>): void {
  let opened: OpenStore;
  let rows: EngineFixture;
  let tasks: BackgroundTaskRepository;
  let replays: ReplayRepository;
  let kinds: { recover: Recover; missing: ReplayMissing; purge: PurgeContent; usage: AppUsage };

  beforeAll(async () => {
    opened = await open();
    const { dataSource } = opened;
    const transactions = new Transactions(dataSource);
    tasks = new BackgroundTaskRepository(dataSource, transactions);
    replays = new ReplayRepository(dataSource);
    const target = new ReplayTarget(
      new EndpointRepository(dataSource, transactions, new EndpointEvents({ operationalWebhooks: { url: null } })),
    );
    const usage = new UsageRepository(dataSource);
    kinds = {
      recover: new Recover(replays, target),
      missing: new ReplayMissing(replays, target),
      purge: new PurgeContent(usage),
      usage: new AppUsage(usage),
    };
  });
  beforeEach(async () => {
    rows = await new EngineFixture(opened).prepare();
  });
  afterAll(() => opened?.close());

  const admission = { isOverloaded: false };
  const workOf = (...own: TaskKind[]) => new TaskWork(own, tasks, replays, createLog('silent'), admission as Admission);
  const aTask = (task: string, input: object = {}) =>
    tasks.create(ORG, { appId: rows.appId, task, input: { endpointId: rows.endpointId, ...span(), ...input }, data: {} });
  const now = async ({ id }: TaskRef): Promise<BackgroundTask> => (await tasks.find(ORG, id, null))!;
  const failures = async (count: number) => {
    const refs = await rows.written(count, true);
    for (let at = 0; at < count; at += 200)
      await opened.store.settle(refs.slice(at, at + 200).map((ref) => settlement(ref, FAILED)));
    return refs.map(({ msgId }) => msgId);
  };
  const manualRows = () => rows.count('delivery', 'run <> 0');

  describe('a recover whose process dies', () => {
    it('continues after the last commit, and each message gets one more attempt', async () => {
      await failures(1_200);
      const task = await aTask(TASK.recover);
      const first = (await tasks.claim(task, LEASE_MS))!;
      expect(await tasks.commit(first, await kinds.recover.step(first), LEASE_MS)).toBe(true);
      const lost = await kinds.recover.step(await now(first));

      const second = (await tasks.claim(first, LEASE_MS))!;
      await tasks.release(second, 0);
      while (await workOf(kinds.recover).turn(await now(second), () => true)) continue;

      expect(await tasks.commit(first, lost, LEASE_MS)).toBe(false);
      expect(await now(task)).toMatchObject({ status: 1, dueAt: null, data: { messagesSent: 1_200 } });
      expect(await manualRows()).toBe(1_200);
      const { length } = await opened.dataSource.query(
        'SELECT msg_id FROM delivery WHERE app_id = ? AND run <> 0 GROUP BY msg_id',
        [rows.appId],
      );
      expect(length).toBe(1_200);
    });
  });

  describe('a recover of a process that refuses requests', () => {
    afterEach(() => void (admission.isOverloaded = false));

    it('does one step, and waits with what it has reached', async () => {
      await failures(1_200);
      const task = await aTask(TASK.recover);
      admission.isOverloaded = true;
      expect(await workOf(kinds.recover).turn(await now(task), () => true)).toBe(false);
      const sent = await manualRows();
      expect(sent).toBeGreaterThan(0);
      expect(sent).toBeLessThan(1_200);
      expect((await tasks.due([TASK.recover], 1_000)).some(({ id }) => id === task.id)).toBe(false);

      expect(await now(task)).toMatchObject({ data: { messagesSent: sent }, tries: 0 });
    });
  });

  describe('a task', () => {
    it('is claimed by only one of several processes that compete for it', async () => {
      const task = await aTask(TASK.recover);
      const claims = await Promise.all(Array.from({ length: 6 }, () => tasks.claim(task, LEASE_MS)));

      expect(claims.filter((claim) => claim !== null)).toHaveLength(1);
    });

    it('becomes due for other processes when its lease ends, and not before', async () => {
      const task = await aTask(TASK.recover);
      const isDue = async () => (await tasks.due([TASK.recover], 1_000)).some(({ id }) => id === task.id);
      expect(await isDue()).toBe(true);
      const claim = (await tasks.claim(task, LEASE_MS))!;
      expect(await isDue()).toBe(false);
      await tasks.release(claim, 0);

      expect(await isDue()).toBe(true);
    });

    it('of a kind that only a newer release knows is not read as due', async () => {
      const task = await aTask('endpoint.dance');

      expect((await tasks.due(Object.values(TASK), 1_000)).some(({ id }) => id === task.id)).toBe(false);
    });

    it('writes its rows and its progress in one transaction', async () => {
      const [there] = await rows.written(1, false);
      const claim = (await tasks.claim(await aTask(TASK.replayMissing), LEASE_MS))!;
      const fresh = [
        { msgId: there!.msgId, run: 7 },
        { msgId: there!.msgId, run: 0 },
      ];
      const deliveries = { appId: rows.appId, endpointId: rows.endpointId, fresh, reopened: [] };
      const progress = { reached: 'somewhere', data: { messagesSent: 2 }, done: true, writes: { deliveries } };
      const error = await tasks.commit(claim, progress, LEASE_MS).catch((reason: unknown) => reason);

      expect(isDuplicateKey(error)).toBe(true);
      expect(await now(claim)).toMatchObject({ status: 0, reached: null, data: {} });
      expect(await manualRows()).toBe(0);
    });

    it('fails if it makes no progress', async () => {
      let steps = 0;
      class Broken extends TaskKind {
        readonly task = 'broken';
        readonly makesDeliveries = false;
        async step(): Promise<TaskProgress> {
          steps++;
          throw new Error('broken');
        }
      }
      const task = await aTask('broken');
      for (let turn = 0; turn < 11; turn++) await workOf(new Broken()).turn(await now(task), () => true);

      expect(steps).toBe(10);
      expect(await now(task)).toMatchObject({ status: 2, dueAt: null, data: { error: expect.any(String) } });
    });
  });

  describe('a replay', () => {
    it('waits while many deliveries are due', async () => {
      await rows.written(2_000, false);
      const past = new Date(Date.now() - 1_000).toISOString().replace('T', ' ').slice(0, 23);
      await opened.dataSource.query('UPDATE delivery SET due_at = ? WHERE app_id = ?', [past, rows.appId]);
      const task = await aTask(TASK.replayMissing);
      const turned = await workOf(kinds.missing).turn(task, () => true);
      const waiting = await now(task);
      await opened.dataSource.query('UPDATE delivery SET due_at = NULL WHERE app_id = ?', [rows.appId]);

      expect(turned).toBe(false);
      expect(waiting).toMatchObject({ status: 0, reached: null });
      expect(waiting.dueAt!.getTime()).toBeGreaterThan(Date.now() - LEASE_MS);
    });

    it('makes one delivery for each missing message, although two tasks find it', async () => {
      const ids = (await rows.written(3, false)).map(({ msgId }) => msgId);
      await opened.dataSource.query('DELETE FROM delivery WHERE app_id = ?', [rows.appId]);
      const [one, other] = [await aTask(TASK.replayMissing), await aTask(TASK.replayMissing)];
      const slow = (await tasks.claim(other, LEASE_MS))!;
      const late = await kinds.missing.step(slow);
      await workOf(kinds.missing).turn(one, () => true);
      const error = await tasks.commit(slow, late, LEASE_MS).catch((reason: unknown) => reason);
      await workOf(kinds.missing).turn(await now(other), () => true);

      expect(isDuplicateKey(error)).toBe(true);
      expect((await now(one)).data).toEqual({ messagesSent: ids.length });
      expect((await now(other)).data).toEqual({ messagesSent: 0 });
      expect(await rows.count('delivery')).toBe(ids.length);
    });
  });

  describe('many messages', () => {
    it('are purged step by step', async () => {
      await rows.written(1_100, false);
      const task = await aTask(TASK.purgeContent);
      await workOf(kinds.purge).turn(task, () => true);

      expect(await now(task)).toMatchObject({ status: 1, data: { messagesPurged: 1_100 } });
      expect(await rows.count('message', 'payload IS NOT NULL')).toBe(0);
    });

    it('are counted over several steps', async () => {
      await failures(1_100);
      const task = await aTask(TASK.appUsage, { appIds: [rows.appId] });
      await workOf(kinds.usage).turn(task, () => true);

      expect(await now(task)).toMatchObject({
        status: 1,
        data: { appStats: [{ appId: rows.appId, appUid: null, messageDestinations: 1_100 }] },
      });
    });
  });
}
