import { DataSource } from 'typeorm';
import { COUNT_COLUMNS } from '../../src/database/count-sql.js';
import type { TestApp } from './app.js';
import { aMessage } from './factories.js';
import { ended } from './tasks.js';
import { until } from './until.js';

const WAIT_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** What stays, because it belongs to the organisation. */
const KEPT = ['audit_log'];

/** Some work of the removal of rows, at a time of the future, as if it were due. */
export async function turnAt(app: TestApp, work: { turn(now: number): Promise<boolean> }, days: number): Promise<void> {
  await app.nest.get(DataSource).query("UPDATE shared_work SET owner = '', due_at = '2020-01-01 00:00:00.000'", []);
  await work.turn(Date.now() + days * DAY_MS);
}

/** The tables with a column of this name, and how many of their rows have this value in it. */
export async function rowsWith(app: TestApp, column: string, value: string): Promise<Record<string, number>> {
  const dataSource = app.nest.get(DataSource);
  const isSqlite = dataSource.options.type === 'better-sqlite3';
  const tables: { name: string }[] = await dataSource.query(
    isSqlite
      ? "SELECT m.name AS name FROM sqlite_master m JOIN pragma_table_info(m.name) c ON c.name = ? WHERE m.type = 'table'"
      : 'SELECT table_name AS name FROM information_schema.columns WHERE table_schema = DATABASE() AND column_name = ?',
    [column],
  );
  const counts: Record<string, number> = {};
  for (const { name } of tables) {
    const [row] = await dataSource.query(`SELECT COUNT(*) AS found FROM ${name} WHERE ${column} = ?`, [value]);
    if (Number(row.found) > 0) counts[name] = Number(row.found);
  }
  return counts;
}

/** An application with one endpoint, whose receiver answers. */
export interface Owner {
  appId: string;
  endpointId: string;
}

/** A message that has been tried once. */
export async function attempted(app: TestApp, appId: string, fields: Record<string, unknown> = {}): Promise<string> {
  const { id } = await aMessage(app, appId, fields);
  const attempts = async () => (await app.api.get(`/app/${appId}/attempt/msg/${id}`)).body.data ?? [];
  await until(async () => (await attempts()).length > 0, WAIT_MS, 'the attempt');
  return id;
}

/** Makes a row in every table that can have one of an application. Returns the names of these tables, sorted. */
export async function fillTables(app: TestApp, { appId, endpointId }: Owner): Promise<string[]> {
  const sql = (table: string, values: Record<string, unknown>) =>
    app.nest.get(DataSource).query(
      `INSERT INTO ${table} (${Object.keys(values).join(', ')}) VALUES (${Object.keys(values)
        .map(() => '?')
        .join(', ')})`,
      Object.values(values),
    );
  await attempted(app, appId, { eventId: `event-${appId}`, payloadRetentionPeriod: 14 });
  await app.api.post(`/app/${appId}/msg`, { eventType: 'a', payload: {} }, { 'idempotency-key': `key-${appId}` });
  await aMessage(app, appId, { deliverAt: new Date(Date.now() + HOUR_MS).toISOString() });
  const since = new Date(Date.now() - HOUR_MS).toISOString();
  await ended(app, (await app.api.post(`/app/${appId}/endpoint/${endpointId}/recover`, { since })).body.id);
  const [own, time] = [{ app_id: appId, endpoint_id: endpointId }, '2026-01-01 00:00:00.000'];
  const letter = { org_id: app.orgId, id: `gone:${endpointId}:0`, msg_id: 'gone', reason: 'worker lost', since: time };
  await sql('dead_letter', { ...own, ...letter });
  await sql('poller_cursor', { ...own, consumer: 'c', position: 'msg_', updated_at: time });
  await sql('payload_sweep', { app_id: appId, swept_to: 'msg_' });
  const event = { id: `opevt_${appId.slice(4)}`, type: 'endpoint.created', data: '{}', due_at: '2099-01-01 00:00:00.000' };
  await sql('operational_event', { app_id: appId, ...event });
  const key = {
    id: `key_${appId.slice(4)}`,
    name: 'k',
    scopes: 0,
    creator: 'c',
    hash: `hash-${appId}`,
    hint: 'h',
    secret_at: time,
  };
  await sql('api_key', { org_id: app.orgId, app_id: appId, ...key });
  const counts = Object.fromEntries(COUNT_COLUMNS.map((column) => [column, 1]));
  await sql('attempt_count', { org_id: app.orgId, step: 720, begins: 0, ...own, ...counts });
  return [
    'api_key',
    'application',
    'attempt',
    'attempt_count',
    'background_task',
    'dead_letter',
    'delivery',
    'endpoint',
    'message',
    'message_event',
    'message_key',
    'operational_event',
    'payload_expiry',
    'payload_sweep',
    'poller_cursor',
  ];
}

/** The tables that have a row of the application or its endpoint, sorted, without those that belong to the organisation. */
export async function tablesOf(app: TestApp, { appId, endpointId }: Owner): Promise<string[]> {
  const found = { ...(await rowsWith(app, 'app_id', appId)), ...(await rowsWith(app, 'endpoint_id', endpointId)) };
  const [own] = await app.nest.get(DataSource).query('SELECT COUNT(*) AS found FROM application WHERE id = ?', [appId]);
  const tables = Number(own.found) > 0 ? [...Object.keys(found), 'application'] : Object.keys(found);
  return tables.filter((table) => !KEPT.includes(table)).toSorted();
}
