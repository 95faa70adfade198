import type { DataSource } from 'typeorm';
import { COUNT_COLUMNS } from '../../../src/database/count-sql.js';
import { newId } from '../../../src/domain/ids.js';

/** Rows of each large table: enough that a plan that reads all of them is not the cheapest. */
export const ROWS = 2_000;
/** Of tables whose rows are small: reading and sorting fewer would be quicker than an index. */
const MANY_ROWS = 5 * ROWS;
const AT_ONCE = 500;
/** Between two messages: they cover 50 days. */
const STEP_MS = 2_160_000;
const DAY_MS = 86_400_000;
const TIME = "'2026-01-01 00:00:00.000'";
const SEALED_NEVER = "'[]'";

/** What the rows belong to. */
export interface Owner {
  orgId: string;
  appId: string;
  endpointId: string;
}

/** Values by column, as SQL. */
type Row = Record<string, string | number>;

/** Fills every table that can get large, most of it for one organisation, application and endpoint. Returns one of the messages and one of its attempts. */
export async function fillAll(database: DataSource, owner: Owner): Promise<{ msgId: string; attemptId: string }> {
  const sent = sentRows(owner);
  const tables = { ...sent.tables, ...namedRows(owner), ...logRows(owner), ...countRows(owner) };
  for (const [table, rows] of Object.entries(tables)) await insert(database, table, rows);
  return sent;
}

async function insert(database: DataSource, table: string, rows: readonly Row[]): Promise<void> {
  const columns = Object.keys(rows[0]!);
  for (let from = 0; from < rows.length; from += AT_ONCE) {
    const values = rows.slice(from, from + AT_ONCE).map((row) => `(${columns.map((column) => row[column]).join(',')})`);
    await database.query(`INSERT INTO ${table} (${columns.join(',')}) VALUES ${values.join(',')}`);
  }
}

const text = (value: string) => `'${value}'`;
/** The owner of every fourth row, and others: most rows of a table belong to others. */
const ofMany = (own: string, n: number) => text(n % 4 === 0 ? own : `${own.slice(0, -4)}${String(n % 97).padStart(4, '0')}`);
const numbers = (count = ROWS) => Array.from({ length: count }, (_, n) => n);

/** Messages, each with one delivered or failed attempt; some are older than the retention, and some deliveries are due. */
function sentRows({ appId, endpointId }: Owner) {
  const now = Date.now() - 60_000;
  const tables: Record<string, Row[]> = { message: [], delivery: [], attempt: [], message_event: [] };
  Object.assign(tables, { message_key: [], payload_expiry: [] });
  let some = { msgId: '', attemptId: '' };
  for (const n of numbers()) {
    const at = n < 20 ? now - 200 * DAY_MS : now - n * STEP_MS;
    const [id, attemptId] = [newId('msg_', at), newId('atmpt_', at)];
    if (n === 100) some = { msgId: id, attemptId };
    const [message, app, endpoint] = [text(id), text(appId), text(endpointId)];
    const channels = n % 100 === 0 ? `'["rare"]'` : 'NULL';
    const failed = n % 50 === 0;
    tables['message']!.push({
      app_id: app,
      id: message,
      event_type: text(n % 100 === 0 ? 'order.rare' : 'order.paid'),
      event_id: text(`event-${n}`),
      payload: "'{}'",
      payload_until: "'2090-01-01 00:00:00.000'",
      channels,
      tags: channels,
    });
    const key = { msg_id: message, endpoint_id: endpoint, run: 0, app_id: app };
    tables['delivery']!.push({ ...key, state: failed ? 3 : 2, attempts: 1, fence: 1, due_at: 'NULL' });
    tables['attempt']!.push({
      msg_id: message,
      id: text(attemptId),
      app_id: app,
      endpoint_id: endpoint,
      url: "'http://127.0.0.1:9/'",
      status: failed ? 2 : 0,
      trigger_type: 0,
      status_code: failed ? 500 : 200,
      duration_ms: 1,
      response: "''",
    });
    tables['message_event']!.push({ app_id: app, event_id: text(`event-${n}`), msg_id: message });
    tables['message_key']!.push({
      app_id: app,
      hash: text(`hash-${n}`),
      msg_id: message,
      expires_at: "'2090-01-01 00:00:00.000'",
    });
    tables['payload_expiry']!.push({ payload_until: "'2090-01-01 00:00:00.000'", app_id: app, msg_id: message });
  }
  return { tables, ...some };
}

/** Applications, endpoints and what else has a name. */
function namedRows({ orgId, appId }: Owner): Record<string, Row[]> {
  const removed = (n: number) => (n < 10 ? 1 : 0);
  return {
    application: numbers().map((n) => ({
      id: text(newId('app_')),
      org_id: ofMany(orgId, n),
      uid: text(`app-${n}`),
      name: "'a'",
      metadata: "'{}'",
      version: 1,
      deleted: removed(n),
      updated_at: TIME,
    })),
    endpoint: numbers(MANY_ROWS).map((n) => ({
      id: text(newId('ep_')),
      app_id: ofMany(n % 40 === 0 ? appId : newId('app_'), 0),
      uid: text(`ep-${n}`),
      url: "'http://127.0.0.1:9/'",
      description: "''",
      api_version: 1,
      disabled: 1,
      metadata: "'{}'",
      secrets: SEALED_NEVER,
      deleted: removed(n),
      updated_at: TIME,
    })),
    event_type: numbers().map((n) => ({
      org_id: ofMany(orgId, n),
      name: text(`type.${n}`),
      description: "''",
      archived: n % 2,
      deprecated: 0,
      created_at: TIME,
      updated_at: TIME,
    })),
    api_key: numbers().map((n) => ({
      org_id: ofMany(orgId, n),
      id: text(newId('key_')),
      name: "'k'",
      scopes: 0,
      creator: "'c'",
      hash: text(`hash-${n}`),
      hint: "'h'",
      secret_at: TIME,
    })),
    poller_cursor: numbers().map((n) => ({
      app_id: ofMany(appId, n),
      endpoint_id: text(newId('ep_')),
      consumer: text(`c${n}`),
      position: "'msg_'",
      updated_at: TIME,
    })),
  };
}

/** What is written for others to read later. */
function logRows({ orgId, appId }: Owner): Record<string, Row[]> {
  const [app, now] = [text(appId), Date.now()];
  const task = {
    task: "'endpoint.recover'",
    status: 1,
    input: "'{}'",
    data: "'{}'",
    fence: 0,
    tries: 0,
    due_at: 'NULL',
    updated_at: TIME,
  };
  return {
    background_task: numbers().map((n) => ({
      org_id: ofMany(orgId, n),
      id: text(newId('qtask_', now - n * STEP_MS)),
      app_id: app,
      ...task,
    })),
    dead_letter: numbers(MANY_ROWS).map((n) => ({
      org_id: ofMany(orgId, n),
      id: text(`${newId('msg_')}:ep_${n}:0`),
      app_id: ofMany(appId, n),
      msg_id: "'msg_'",
      endpoint_id: text(`ep_${n}`),
      reason: "'worker lost'",
      since: TIME,
    })),
    audit_log: numbers(MANY_ROWS).map((n) => ({
      org_id: ofMany(orgId, n),
      id: text(newId('audit_', now - n * STEP_MS)),
      app_id: n % 2 === 0 ? app : 'NULL',
      operation: text(`op.${n % 9}`),
      actor: "'a'",
      token_id: text(`t${n % 9}`),
      objects: "'{}'",
      fields: "'[]'",
    })),
    operational_event: numbers().map((n) => ({
      id: text(newId('opevt_', now - n)),
      type: "'endpoint.created'",
      app_id: app,
      data: "'{}'",
      due_at: "'2090-01-01 00:00:00.000'",
    })),
    organization_usage: numbers().map((n) => ({
      org_id: ofMany(orgId, n),
      day: text(new Date(now - (n % 300) * DAY_MS).toISOString().slice(0, 10)),
      key_id: text(`key-${n}`),
      ok: 1,
      refused: 0,
      failed: 0,
      messages: 0,
    })),
    token_revocation: numbers().map((n) => ({
      org_id: text(`org_${n % 50}`),
      kind: 0,
      subject: text(`s${n}`),
      issued_until: TIME,
      refused_from: TIME,
      created_at: TIME,
    })),
  };
}

/** Counts of attempts, in buckets of all lengths. */
function countRows({ orgId, appId, endpointId }: Owner): Record<string, Row[]> {
  const minute = Math.floor(Date.now() / 60_000);
  const counts = Object.fromEntries(COUNT_COLUMNS.map((column) => [column, 1]));
  const bucket = (n: number) => {
    const step = [1, 20, 120, 720][n % 4]!;
    return { step, begins: minute - (minute % step) - step * Math.floor(n / 4) };
  };
  return {
    attempt_count: numbers(MANY_ROWS).map((n) => ({
      org_id: text(n % 3 === 0 ? orgId : `org_${n % 50}`),
      ...bucket(n),
      app_id: text(n % 3 === 0 ? appId : newId('app_')),
      endpoint_id: text(n % 6 === 0 ? endpointId : newId('ep_')),
      ...counts,
    })),
    attempt_total: numbers(MANY_ROWS).map((n) => ({ org_id: text(n % 3 === 0 ? '' : `org_${n % 2}`), ...bucket(n), ...counts })),
  };
}
