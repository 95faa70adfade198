import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { loadDatabaseConfig } from '../../src/config/config.js';
import { createWriter } from '../../src/database/data-source.js';
import { erase, findErasable } from '../../src/database/erase.js';
import { newId } from '../../src/domain/ids.js';
import { startApp, type TestApp } from '../support/app.js';
import { startChild } from '../support/child.js';
import { aMessage, anApplication, anEndpoint } from '../support/factories.js';
import { programOf } from '../support/process.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { attempted, fillTables, rowsWith, tablesOf } from '../support/removal.js';
import { until } from '../support/until.js';

const WAIT_MS = 60_000;

let app: TestApp;
let receiver: Receiver;
let answer: number | 'hang';
let appId: string;
let endpointId: string;

beforeAll(async () => {
  app = await startApp({ RETRY_SCHEDULE: '3600', DELIVERY_TIMEOUT_SECONDS: '5' });
  receiver = await startReceiver(() => (answer === 'hang' ? { status: 200, hang: true } : answer));
});
beforeEach(async () => {
  answer = 200;
  appId = (await anApplication(app)).id;
  endpointId = (await anEndpoint(app, appId, { url: receiver.url, headers: { 'x-own': 'hidden' } })).id;
});
afterAll(() => Promise.all([app?.stop(), receiver?.stop()]));

const sql = (statement: string, values: unknown[] = []) => app.nest.get(DataSource).query(statement, values);
/** As the command does, with another wait for writes that are still open. */
const eraseNow = async (openWritesMs = 0) => {
  const dataSource = await createWriter(loadDatabaseConfig({ ...app.env })).initialize();
  const printed: string[] = [];
  try {
    const found = await findErasable(dataSource, { appId, orgId: app.orgId });
    const removed = await erase(dataSource, found!, {
      appId,
      orgId: app.orgId,
      openWritesMs,
      print: (line) => printed.push(line),
    });
    return { removed, printed };
  } finally {
    await dataSource.destroy();
  }
};

describe('erase', () => {
  it('deletes an application that exists and removes everything of it, with entries in the audit log', async () => {
    await fillTables(app, { appId, endpointId });
    const { removed } = await eraseNow();

    expect(await tablesOf(app, { appId, endpointId })).toEqual([]);
    expect(removed.get('message')).toBe(3);
    expect((await app.api.get(`/app/${appId}`)).status).toBe(404);
    expect((await app.api.post(`/app/${appId}/msg`, { eventType: 'a', payload: {} })).status).toBe(404);
    const { data } = (await app.as(app.operatorToken()).get(`/audit-log?org_id=${app.orgId}&operation=command.erase`)).body;
    expect(data.map((one: any) => one.objects).filter((one: any) => one.appId === appId)).toEqual([
      { appId, step: 'finished' },
      { appId, step: 'begun' },
    ]);
  });

  it('sends nothing after its end: it waits for a delivery that is being sent, and ends one that waits for its retry', async () => {
    answer = 500;
    await attempted(app, appId);
    answer = 'hang';
    const before = receiver.received.length;
    await aMessage(app, appId);
    await receiver.got(before + 1, WAIT_MS);
    const begun = Date.now();
    const { printed } = await eraseNow();

    expect(printed.join('\n')).toContain('Waiting for deliveries that are being sent');
    expect(Date.now() - begun).toBeGreaterThan(1_000);
    const sent = receiver.received.length;
    expect(await tablesOf(app, { appId, endpointId })).toEqual([]);
    await new Promise((wake) => setTimeout(wake, 1_500));
    expect(receiver.received).toHaveLength(sent);
    expect(await tablesOf(app, { appId, endpointId })).toEqual([]);
  });

  it('goes on after it was broken off', async () => {
    await attempted(app, appId);
    await app.api.delete(`/app/${appId}`);
    await sql('DELETE FROM message WHERE app_id = ?', [appId]);
    await eraseNow();

    expect(await tablesOf(app, { appId, endpointId })).toEqual([]);
  });

  it('finds what a transaction that was open at the deletion wrote', async () => {
    const erasing = eraseNow(3_000);
    await until(async () => (await app.api.get(`/app/${appId}`)).status === 404, WAIT_MS, 'the deletion');
    await sql(
      `INSERT INTO message (app_id, id, event_type, payload_until) VALUES (?, 'msg_late', 'a', '2026-01-01 00:00:00.000')`,
      [appId],
    );
    await erasing;

    expect(await tablesOf(app, { appId, endpointId })).toEqual([]);
  });
});

describe('the command erase', () => {
  /** So many that a command needs many steps for them. */
  const manyMessages = async () => {
    for (let n = 0; n < 12; n++) {
      const ids = Array.from({ length: 500 }, () => newId('msg_'));
      await sql(
        `INSERT INTO message (app_id, id, event_type, payload_until) VALUES ${ids.map((id) => `('${appId}','${id}','a','2090-01-01 00:00:00.000')`).join()}`,
      );
      await sql(
        `INSERT INTO attempt (msg_id, id, app_id, endpoint_id, url, status, trigger_type, status_code, duration_ms, response)
         VALUES ${ids.map((id) => `('${id}','${newId('atmpt_')}','${appId}','${endpointId}','','0',0,200,1,'')`).join()}`,
      );
    }
  };
  const start = (...args: string[]) => {
    const { PATH = '' } = process.env;
    const { DATA_DIR, DATABASE_URL = '' } = app.env;
    return startChild(process.execPath, [programOf('this build', 'cli.js'), 'erase', ...args], {
      PATH,
      DATA_DIR: DATA_DIR!,
      DATABASE_URL,
      NODE_ENV: DATABASE_URL === '' ? '' : 'production',
    });
  };
  const run = async (...args: string[]) => {
    const child = start(...args);
    const { code } = await child.exited;
    return { code, text: child.lines.join('\n') };
  };

  it('says what it would do without --yes, and does nothing', async () => {
    const { code, text } = await run(appId);

    expect({ code, text }).toEqual({ code: 1, text: expect.stringContaining('it would be deleted first') });
    expect((await app.api.get(`/app/${appId}`)).status).toBe(200);
  });

  it('erases, and prints the rows by table and a line to file', async () => {
    await attempted(app, appId);
    const { code, text } = await run(appId, '--yes', '--org', app.orgId);

    expect(code).toBe(0);
    expect(text).toMatch(/ {2}attempt: 1\n/);
    // The attempt may be counted in the meantime, which makes more rows.
    const rows = [...text.matchAll(/^ {2}\w+: (\d+)$/gm)].reduce((sum, [, found]) => sum + Number(found), 0);
    expect(rows).toBeGreaterThanOrEqual(5);
    expect(text).toContain(`Erased: application ${appId} of ${app.orgId}, ${rows} rows`);
    expect(await tablesOf(app, { appId, endpointId })).toEqual([]);
    expect(await run(appId, '--yes')).toMatchObject({ code: 3, text: expect.stringContaining('If it was erased') });
  });

  it('finishes what a command that was killed in the middle had begun, and touches nothing of others', async () => {
    const other = { appId: (await anApplication(app)).id as string, endpointId: '' };
    other.endpointId = (await anEndpoint(app, other.appId, { url: receiver.url })).id;
    await fillTables(app, other);
    await fillTables(app, { appId, endpointId });
    await manyMessages();
    await app.api.delete(`/app/${appId}`);
    // Longer ago than writes may be open, so that the command does not wait for them.
    await sql("UPDATE application SET updated_at = '2026-01-01 00:00:00.000' WHERE id = ?", [appId]);
    const before = [await rowsWith(app, 'app_id', other.appId), await rowsWith(app, 'endpoint_id', other.endpointId)];
    const messages = async () => (await rowsWith(app, 'app_id', appId))['message'] ?? 0;
    const all = await messages();

    const child = start(appId, '--yes');
    await until(async () => (await messages()) < all, WAIT_MS, 'the first step');
    await child.stop(0, 'SIGKILL');
    expect(await messages()).toBeGreaterThan(0);
    expect(await run(appId, '--yes')).toMatchObject({ code: 0 });

    expect(await tablesOf(app, { appId, endpointId })).toEqual([]);
    expect([await rowsWith(app, 'app_id', other.appId), await rowsWith(app, 'endpoint_id', other.endpointId)]).toEqual(before);
    const { data } = (await app.as(app.operatorToken()).get(`/audit-log?org_id=${app.orgId}&operation=command.erase`)).body;
    const steps = data.map((one: any) => one.objects).filter((one: any) => one.appId === appId);
    expect(steps.map((one: any) => one.step)).toEqual(['finished', 'begun', 'begun']);
  });

  it.each([
    ['no id', [], 2],
    ['an id of another kind', ['msg_2YBXZIko2xmy0s5Rm9N5U7PhHgu'], 2],
    ['an unknown option', ['app_2YBXZIko2xmy0s5Rm9N5U7PhHgu', '--force'], 2],
    ['an application of another organisation', ['', '--yes', '--org', 'org_other'], 3],
  ])('refuses %s', async (_what, args, expected) => {
    expect((await run(...args.map((arg) => arg || appId))).code).toBe(expected);
  });
});
