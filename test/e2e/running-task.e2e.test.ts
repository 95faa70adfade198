import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { dialectOf, msAgo } from '../../src/database/dialect.js';
import { RunningTasks } from '../../src/release/running-tasks.js';
import { startApp, type TestApp } from '../support/app.js';
import { until } from '../support/until.js';

const WRITE_MS = 5_000;

describe('the list of running tasks', () => {
  let app: TestApp;
  const list = async (query = '') => (await app.as(app.operatorToken()).get(`/admin/task${query}`)).body;
  const copy = (id: string, age: string) =>
    app.nest
      .get(DataSource)
      .query(`INSERT INTO running_task SELECT ?, ${age}, serves, state FROM running_task ORDER BY id LIMIT 1`, [id]);
  const secondsAgo = (seconds: number) => msAgo(dialectOf(app.nest.get(DataSource)), seconds * 1_000);

  beforeAll(async () => {
    app = await startApp();
    await until(async () => (await list()).data.length === 1, WRITE_MS, 'the first row');
  });
  afterAll(() => app.stop());

  it('shows roles, version, share and dependencies of this process', async () => {
    const { data, done } = await list();
    expect(done).toBe(true);
    expect(data[0]).toMatchObject({
      roles: ['api', 'worker'],
      version: '0.1.0',
      stale: false,
      targetGroup: null,
      trafficShare: 1,
      draining: false,
      dependencies: { database: expect.stringMatching(/^(up|away)$/), cache: expect.any(String), queue: expect.any(String) },
      deliveriesInWork: 0,
    });
    expect(data[0].ageSeconds).toBeLessThan(30);
    expect(data[0].memoryBytes).toBeGreaterThan(1_000_000);
    expect(new Date(data[0].startedAt).getTime()).toBeLessThan(new Date(data[0].seenAt).getTime());
  });

  it('marks a task that missed three writes as stale', async () => {
    await copy('~stale', secondsAgo(31));
    const found = (await list()).data.find(({ id }: { id: string }) => id === '~stale');
    expect(found).toMatchObject({ stale: true });
    expect(found.ageSeconds).toBeGreaterThanOrEqual(31);
  });

  it('leaves out a task that did not write for ten minutes', async () => {
    await copy('~gone', secondsAgo(601));
    expect((await list()).data.map(({ id }: { id: string }) => id)).not.toContain('~gone');
  });

  it('is read in pages', async () => {
    await copy('~z', secondsAgo(1));
    const ids = (await list()).data.map(({ id }: { id: string }) => id);
    const first = await list('?limit=1');
    expect(first).toMatchObject({ done: false, data: [{ id: ids[0] }] });
    const second = await list(`?limit=1&iterator=${encodeURIComponent(first.iterator)}`);
    expect(second.data.map(({ id }: { id: string }) => id)).toEqual([ids[1]]);
  });

  it('is for operators only', async () => {
    expect((await app.api.get('/admin/task')).status).toBe(403);
  });

  it('counts at least this process', () => {
    expect(app.nest.get(RunningTasks).count()).toBeGreaterThanOrEqual(1);
  });
});
