import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { BackgroundTaskStatus, BackgroundTaskType, Ordering } from 'svix';
import { ReleaseGate } from '../../src/release/release-gate.js';
import { BackgroundTaskRepository } from '../../src/database/repositories/background-task.repository.js';
import { startApp, type TestApp } from '../support/app.js';
import { anApplication, anEndpoint } from '../support/factories.js';
import { ended } from '../support/tasks.js';
import { until } from '../support/until.js';

let app: TestApp;
let appId: string;
let otherAppId: string;
/** Oldest first. */
const ids: string[] = [];

beforeAll(async () => {
  app = await startApp();
  appId = (await anApplication(app)).id;
  otherAppId = (await anApplication(app)).id;
  const endpointId = (await anEndpoint(app, appId)).id;
  const disabledId = (await anEndpoint(app, otherAppId, { disabled: true })).id;
  const started = async (path: string, body?: object) => ids.push((await app.api.post(path, body)).body.id);
  const since = new Date(Date.now() - 60_000);
  await started(`/app/${appId}/endpoint/${endpointId}/recover`, { since });
  await started(`/app/${appId}/endpoint/${endpointId}/replay-missing`, { since });
  // As if the endpoint had been disabled after it was asked for.
  const input = { endpointId: disabledId, since: since.getTime(), until: Date.now() };
  const late = { appId: otherAppId, task: 'endpoint.recover', input, data: { messagesSent: 0 } };
  ids.push((await app.nest.get(BackgroundTaskRepository).create(app.orgId, late)).id);
  await started(`/app/${otherAppId}/msg/expunge-all-contents`);
  ids.push((await app.api.put('/stats/usage/event-types')).body.id);
  for (const id of ids) await ended(app, id);
});
afterAll(() => app?.stop());

const listed = async (query = '', api = app.api): Promise<string[]> =>
  (await api.get(`/background-task${query}`)).body.data.map(({ id }: { id: string }) => id);

describe('the list of background tasks', () => {
  it('has all of the organisation, newest first', async () => {
    expect(await listed()).toEqual(ids.toReversed());
  });

  it('can be narrowed by status and by task', async () => {
    const { backgroundTask } = app.svix();

    expect((await backgroundTask.list({ status: BackgroundTaskStatus.Failed })).data.map(({ id }) => id)).toEqual([ids[2]]);
    const recovers = await backgroundTask.list({ task: BackgroundTaskType.EndpointRecover });
    expect(recovers.data.map(({ id }) => id)).toEqual([ids[2], ids[0]]);
    const both = { status: BackgroundTaskStatus.Finished, task: BackgroundTaskType.EndpointRecover };
    expect((await backgroundTask.list(both)).data.map(({ id }) => id)).toEqual([ids[0]]);
  });

  it('can be paged through, in both orders and back', async () => {
    const { backgroundTask } = app.svix();
    const first = await backgroundTask.list({ limit: 2, order: Ordering.Ascending });
    const second = await backgroundTask.list({ limit: 2, order: Ordering.Ascending, iterator: first.iterator });
    const back = await backgroundTask.list({ limit: 2, order: Ordering.Ascending, iterator: second.prevIterator });

    expect(first.data.map(({ id }) => id)).toEqual(ids.slice(0, 2));
    expect(first.done).toBe(false);
    expect(second.data.map(({ id }) => id)).toEqual(ids.slice(2, 4));
    expect(back.data).toEqual(first.data);
    expect(await listed(`?iterator=${ids[1]}`)).toEqual([ids[0]]);
  });

  it('has those of its application only for the token of an application', async () => {
    const portal = app.as(app.appTokenFor(appId));

    expect(await listed('', portal)).toEqual([ids[1], ids[0]]);
    expect((await portal.get(`/background-task/${ids[0]}`)).status).toBe(200);
    expect((await portal.get(`/background-task/${ids[3]}`)).status).toBe(404);
  });

  it('is empty for another organisation', async () => {
    const stranger = app.as(app.tokenFor('org_other'));

    expect(await listed('', stranger)).toEqual([]);
    expect((await stranger.get(`/background-task/${ids[0]}`)).status).toBe(404);
  });

  it('refuses what it can not read', async () => {
    expect((await app.api.get('/background-task?status=lost')).status).toBe(400);
    expect((await app.api.get('/background-task?task=dance')).status).toBe(400);
    expect((await app.api.get('/background-task?iterator=app_1')).status).toBe(422);
    expect((await app.api.get('/background-task?limit=300')).status).toBe(422);
    expect((await app.api.get('/background-task/qtask_unknown')).status).toBe(404);
    expect((await app.api.get('/background-task/%00')).status).toBe(404);
  });
});

describe('a background task', () => {
  it('shows what came of it', async () => {
    expect((await app.api.get(`/background-task/${ids[0]}`)).body).toEqual({
      id: ids[0],
      status: 'finished',
      task: 'endpoint.recover',
      updatedAt: expect.any(String),
      data: { messagesSent: 0 },
    });
  });

  it('waits while its process gets no production traffic', async () => {
    let share = 0;
    const green = await startApp({}, (nest) => {
      Object.defineProperty(nest.get(ReleaseGate), 'share', { get: () => share });
    });
    try {
      const { body } = await green.api.put('/stats/usage/event-types');
      const since = Date.now();
      await until(() => Date.now() - since > 3_000, 10_000, 'three seconds to pass');
      expect((await green.api.get(`/background-task/${body.id}`)).body.status).toBe('running');
      share = 1;
      expect((await ended(green, body.id)).status).toBe('finished');
    } finally {
      await green.stop();
    }
  });

  it('leaves one line in the log when it has ended', () => {
    const lines = app.log.map((line) => JSON.parse(line)).filter(({ taskId }) => taskId === ids[0]);

    expect(lines).toMatchObject([
      { msg: 'background.finished', orgId: app.orgId, appId, task: 'endpoint.recover', messagesSent: 0 },
    ]);
  });
});

describe('a background task that can not be read', () => {
  it('keeps no other one waiting, is an error in the log, and is given up in the end', async () => {
    const id = 'qtask_unreadable';
    const past = new Date(Date.now() - 3_600_000).toISOString().replace('T', ' ').slice(0, 23);
    const statement = (sql: string, values: unknown[]) => app.nest.get(DataSource).query(sql, values);
    await statement(
      `INSERT INTO background_task (org_id, id, app_id, task, status, input, reached, data, fence, tries, due_at, updated_at)
       VALUES (?, ?, NULL, 'event-type.aggregate', 0, 'no JSON', NULL, '{}', 0, 0, ?, ?)`,
      [app.orgId, id, past, past],
    );
    const errors = () => app.log.filter((line) => line.includes('"background.task_unreadable"'));
    await until(() => errors().length > 0, 20_000, 'the error');
    const { body } = await app.api.put('/stats/usage/event-types');
    await ended(app, body.id);
    expect(JSON.parse(errors()[0]!)).toMatchObject({ level: 'error', taskId: id, error: expect.stringContaining('JSON') });

    await statement('UPDATE background_task SET tries = 11, due_at = ? WHERE id = ?', [past, id]);
    const status = async () => (await statement('SELECT status FROM background_task WHERE id = ?', [id]))[0].status;
    await until(async () => (await status()) === 2, 20_000, 'it to be given up');
  });
});
