import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { DeletedRetention } from '../../src/background/deleted-retention.js';
import { startApp, type TestApp } from '../support/app.js';
import { anApplication, anEndpoint } from '../support/factories.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { attempted, fillTables, rowsWith, tablesOf, turnAt } from '../support/removal.js';
import { until } from '../support/until.js';

const WAIT_MS = 60_000;

let app: TestApp;
let receiver: Receiver;
let appId: string;
let endpointId: string;

beforeAll(async () => {
  app = await startApp({ DELETED_DAYS: '30' });
  receiver = await startReceiver();
});
beforeEach(async () => {
  appId = (await anApplication(app)).id;
  endpointId = (await anEndpoint(app, appId, { url: receiver.url, headers: { 'x-own': 'hidden' } })).id;
});
afterAll(() => Promise.all([app?.stop(), receiver?.stop()]));

const sql = (statement: string, values: unknown[] = []) => app.nest.get(DataSource).query(statement, values);
const secretsOf = async () => (await sql('SELECT secrets, sealed_headers FROM endpoint WHERE id = ?', [endpointId]))[0];

describe('the removal of deleted applications and endpoints', () => {
  const turn = (days: number) => turnAt(app, app.nest.get(DeletedRetention), days);

  it('removes everything of an application after the delay, and nothing of another', async () => {
    const other = { appId, msgId: await attempted(app, appId) };
    appId = (await anApplication(app)).id;
    endpointId = (await anEndpoint(app, appId, { url: receiver.url })).id;
    const tables = await fillTables(app, { appId, endpointId });
    expect(await tablesOf(app, { appId, endpointId })).toEqual(tables);
    await app.api.delete(`/app/${appId}`);
    await turn(29);
    expect(await tablesOf(app, { appId, endpointId })).toContain('message');
    await turn(31);

    expect(await tablesOf(app, { appId, endpointId })).toEqual([]);
    expect((await app.api.get(`/app/${other.appId}/attempt/msg/${other.msgId}`)).body.data).toHaveLength(1);
  });

  it('removes a deleted endpoint with its attempts and deliveries; the messages stay', async () => {
    const second = (await anEndpoint(app, appId, { url: receiver.url })).id;
    const msgId = await attempted(app, appId);
    await until(
      async () => (await app.api.get(`/app/${appId}/attempt/msg/${msgId}`)).body.data.length === 2,
      WAIT_MS,
      'both attempts',
    );
    await app.api.delete(`/app/${appId}/endpoint/${endpointId}`);
    expect((await app.api.get(`/app/${appId}/attempt/msg/${msgId}`)).body.data).toHaveLength(2);
    await turn(31);

    const { body } = await app.api.get(`/app/${appId}/attempt/msg/${msgId}`);
    expect(body.data.map((one: any) => one.endpointId)).toEqual([second]);
    expect(await rowsWith(app, 'endpoint_id', endpointId)).toEqual({});
    expect((await app.api.get(`/app/${appId}/msg/${msgId}`)).status).toBe(200);
  });

  it('leaves what is being sent, without its secrets', async () => {
    await attempted(app, appId);
    await sql("UPDATE delivery SET state = 1, due_at = '2099-01-01 00:00:00.000' WHERE app_id = ?", [appId]);
    await app.api.delete(`/app/${appId}`);
    await turn(31);

    expect(await tablesOf(app, { appId, endpointId })).toEqual(['application', 'attempt', 'delivery', 'endpoint', 'message']);
    expect(await secretsOf()).toEqual({ secrets: '[]', sealed_headers: null });
    await sql('UPDATE delivery SET state = 2, due_at = NULL WHERE app_id = ?', [appId]);
    await turn(31);
    expect(await tablesOf(app, { appId, endpointId })).toEqual([]);
  });
});
