import type Sqlite from 'better-sqlite3';

interface EndpointColumns {
  id: string;
  app_id: string;
  url: string;
  throttle_rate: number | null;
  disabled: number;
  deleted: number;
  event_types: string | null;
  channels: string | null;
  secrets: string;
  sealed_headers: string | null;
  failing_since: string | null;
}

interface DueColumns {
  app_id: string;
  msg_id: string;
  endpoint_id: string;
  run: number;
  fence: number;
  attempts: number;
  paced: number;
}

const KEY = 'msg_id = ? AND endpoint_id = ? AND run = ? AND fence = ?';

/** The engine's prepared statements on SQLite. Times are text, as dialect.ts writes them. */
export function sqliteStatements(db: Sqlite.Database) {
  return {
    version: db.prepare<[string], { version: number }>('SELECT version FROM application WHERE id = ?'),
    insertEvent: db.prepare('INSERT INTO message_event (app_id, event_id, msg_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING'),
    insertMessage: db.prepare(
      'INSERT INTO message (app_id, id, event_type, event_id, channels, payload, payload_until) VALUES (?, ?, ?, ?, ?, ?, ?)',
    ),
    insertDelivery: db.prepare(
      'INSERT INTO delivery (msg_id, endpoint_id, run, app_id, state, attempts, fence, due_at) VALUES (?, ?, ?, ?, ?, 0, ?, ?)',
    ),
    hasMessage: db.prepare<[string, string], object>('SELECT 1 FROM message WHERE app_id = ? AND id = ?'),
    claim: db.prepare<[string, string, string, number, number], { attempts: number }>(
      `UPDATE delivery SET state = 1, fence = fence + 1, paced = 0, due_at = ? WHERE ${KEY} AND state < 2 RETURNING attempts`,
    ),
    message: db.prepare<[string, string, string], { event_type: string; channels: string | null; payload: Buffer | null }>(
      'SELECT event_type, channels, IIF(payload_until > ?, payload, NULL) AS payload FROM message WHERE app_id = ? AND id = ?',
    ),
    endpoint: db.prepare<[string], EndpointColumns>(
      `SELECT e.id, e.app_id, e.url, COALESCE(e.throttle_rate, a.throttle_rate) AS throttle_rate, e.disabled,
         (e.deleted OR a.deleted) AS deleted, e.event_types, e.channels, e.secrets, e.sealed_headers, e.failing_since
       FROM endpoint e JOIN application a ON a.id = e.app_id WHERE e.id = ?`,
    ),
    insertAttempt: db.prepare(
      `INSERT INTO attempt
         (msg_id, id, app_id, endpoint_id, url, status, trigger_type, status_code, duration_ms, response, next_attempt)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    ),
    settle: db.prepare(
      `UPDATE delivery SET state = ?, attempts = attempts + ?, due_at = ?, reason = ? WHERE ${KEY} AND state = 1`,
    ),
    endAutomatic: db.prepare(
      'UPDATE delivery SET state = 2, fence = fence + 1, due_at = NULL WHERE msg_id = ? AND endpoint_id = ? AND run = 0 AND state < 2',
    ),
    park: db.prepare(`UPDATE delivery SET due_at = ?, paced = ? WHERE ${KEY} AND state < 2`),
    release: db.prepare(`UPDATE delivery SET state = 0, due_at = ? WHERE ${KEY} AND state = 1`),
    due: db.prepare<[string, string, number], DueColumns>(
      `SELECT app_id, msg_id, endpoint_id, run, fence, attempts, paced FROM delivery INDEXED BY due
        WHERE due_at > ? AND due_at <= ? AND due_at IS NOT NULL ORDER BY due_at LIMIT ?`,
    ),
    recover: db.prepare('UPDATE delivery SET state = 0, due_at = ? WHERE state = 1'),
  };
}

export type SqliteStatements = ReturnType<typeof sqliteStatements>;
