import type Sqlite from 'better-sqlite3';
import { SHOULD_STORE_EVENT } from '../endpoint-events.js';

interface MessageColumns {
  event_type: string;
  channels: string | null;
  content_type: string | null;
  payload: Buffer | null;
}

interface DueColumns {
  app_id: string;
  msg_id: string;
  endpoint_id: string;
  run: number;
  fence: number;
  attempts: number;
  paced: number;
  due_at: string;
}

const KEY = 'msg_id = ? AND endpoint_id = ? AND run = ? AND fence = ?';

/** The engine's prepared statements for SQLite. Times are text, in the format of `sqlTime`. */
export function sqliteStatements(db: Sqlite.Database) {
  return {
    version: db.prepare<[string], { version: number }>('SELECT version FROM application WHERE id = ?'),
    liveVersion: db.prepare<[string], { version: number }>('SELECT version FROM application WHERE id = ? AND deleted = 0'),
    insertEvent: db.prepare('INSERT INTO message_event (app_id, event_id, msg_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING'),
    keyOwner: db.prepare<[string, string, string], { msg_id: string }>(
      'SELECT msg_id FROM message_key WHERE app_id = ? AND hash = ? AND expires_at > ?',
    ),
    putKey: db.prepare(
      `INSERT INTO message_key (app_id, hash, msg_id, expires_at) VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET msg_id = excluded.msg_id, expires_at = excluded.expires_at`,
    ),
    insertMessage: db.prepare(
      `INSERT INTO message (app_id, id, event_type, event_id, channels, payload, payload_until, tags, deliver_at, content_type)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    insertExpiry: db.prepare('INSERT INTO payload_expiry (payload_until, app_id, msg_id) VALUES (?, ?, ?)'),
    insertDelivery: db.prepare(
      'INSERT INTO delivery (msg_id, endpoint_id, run, app_id, state, attempts, fence, due_at) VALUES (?, ?, ?, ?, ?, 0, ?, ?)',
    ),
    hasMessage: db.prepare<[string, string], object>('SELECT 1 FROM message WHERE app_id = ? AND id = ?'),
    claim: db.prepare<[string, string, string, number, number], { attempts: number }>(
      `UPDATE delivery SET state = 1, fence = fence + 1, paced = 0, due_at = ? WHERE ${KEY} AND state < 2 RETURNING attempts`,
    ),
    message: db.prepare<[string, string, string], MessageColumns>(
      `SELECT event_type, channels, content_type, IIF(payload_until > ?, payload, NULL) AS payload
         FROM message WHERE app_id = ? AND id = ?`,
    ),
    insertAttempt: db.prepare(
      `INSERT INTO attempt
         (msg_id, id, app_id, endpoint_id, url, status, trigger_type, status_code, duration_ms, response, next_attempt)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    ),
    insertOperationalEvent: db.prepare(
      `INSERT INTO operational_event (id, type, app_id, data, due_at)
       SELECT ?, ?, a.id, ?, ? FROM application a WHERE a.id = ? AND ${SHOULD_STORE_EVENT} ON CONFLICT DO NOTHING`,
    ),
    settle: db.prepare(
      `UPDATE delivery SET state = ?, attempts = attempts + ?, due_at = ?, reason = ? WHERE ${KEY} AND state = 1`,
    ),
    held: db.prepare(`SELECT 1 FROM delivery WHERE ${KEY}`),
    listDeadLetter: db.prepare(
      `INSERT INTO dead_letter (org_id, id, app_id, msg_id, endpoint_id, reason, since)
       SELECT a.org_id, d.msg_id || ':' || d.endpoint_id || ':' || d.run, d.app_id, d.msg_id, d.endpoint_id, d.reason, ?
         FROM delivery d JOIN application a ON a.id = d.app_id WHERE d.msg_id = ? AND d.endpoint_id = ? AND d.run = ?
       ON CONFLICT DO NOTHING`,
    ),
    endAutomatic: db.prepare(
      'UPDATE delivery SET state = 2, fence = fence + 1, due_at = NULL WHERE msg_id = ? AND endpoint_id = ? AND run = 0 AND state < 2',
    ),
    postpone: db.prepare(`UPDATE delivery SET due_at = ?, paced = ? WHERE ${KEY} AND state < 2`),
    due: db.prepare<[string, string, string, number], DueColumns>(
      `SELECT app_id, msg_id, endpoint_id, run, fence, attempts, paced, due_at FROM delivery INDEXED BY due
        WHERE due_at > ? AND due_at <= ? AND due_at IS NOT NULL AND endpoint_id NOT IN (SELECT value FROM json_each(?))
        ORDER BY due_at LIMIT ?`,
    ),
    // A waiting row that was never claimed had a task in the queue, which was in the memory of the process.
    recover: db.prepare<[{ now: string; graceEnd: string }]>(
      `UPDATE delivery SET state = 0, due_at = @now
        WHERE due_at IS NOT NULL AND (state = 1 OR (state = 0 AND fence = 0 AND paced = 0 AND due_at > @now AND due_at <= @graceEnd
          AND NOT EXISTS (SELECT 1 FROM message m WHERE m.app_id = delivery.app_id AND m.id = delivery.msg_id AND m.deliver_at > @now)))`,
    ),
  };
}

export type SqliteStatements = ReturnType<typeof sqliteStatements>;
