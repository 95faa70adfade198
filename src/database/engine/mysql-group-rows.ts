import { sqlTime } from '../dialect.js';
import { compare, GRACE_MS, type Group, type MessageKey, type NewDeliveryRow, type NewMessageRow } from './engine-store.js';
import { extrasOf } from '../message-extras-row.js';
import { rowValues } from './mysql-pool.js';

/** A statement takes at most this much of a batch; a group of single requests is never larger. */
const MAX_BYTES = 4 * 1024 * 1024;
const MAX_ROWS = 2_000;

export type Statement = [sql: string, values: unknown[]];
type Keyed = NewMessageRow & { key: MessageKey };

const KEY_ROW = '(?, ?, ?, UTC_TIMESTAMP(3) + INTERVAL ? MICROSECOND)';
/** A key whose time is over belongs to whoever comes. The second assignment sees what the first one did. */
const TAKE_OVER = `ON DUPLICATE KEY UPDATE msg_id = IF(expires_at <= UTC_TIMESTAMP(3), VALUES(msg_id), msg_id),
  expires_at = IF(msg_id = VALUES(msg_id), VALUES(expires_at), expires_at)`;

/** The group's rows, sorted by primary key: keys where they are not claimed yet, messages, expiries, deliveries. */
export function rowsOf(
  group: Group,
  { without, keys, leaseMs }: { without: ReadonlyMap<string, string>; keys: boolean; leaseMs: number },
): Statement[] {
  const messages = group.messages
    .filter((m) => !without.has(m.id))
    .toSorted((a, b) => compare(a.appId, b.appId) || compare(a.id, b.id));
  const deliveries = group.deliveries
    .filter((delivery) => !without.has(delivery.msgId))
    .toSorted((a, b) => compare(a.msgId, b.msgId) || compare(a.endpointId, b.endpointId));
  const early = messages.filter((m) => m.expiresEarly);
  return [
    ...(keys ? insertKeys(keyedOf(messages), '') : []),
    ...inParts(messages, (m) => m.payload.length).map(insertMessages),
    ...(early.length > 0 ? [insertExpiries(early)] : []),
    ...inParts(deliveries, () => 0).map((part) => insertDeliveries(part, leaseMs)),
  ];
}

/** Takes the keys as far as they are free, then says whose they are; nothing where there are none. */
export function claimKeys(messages: readonly NewMessageRow[]): Statement[] {
  const keyed = keyedOf(messages);
  if (keyed.length === 0) return [];
  const names = keyed.map(({ appId, key }) => [appId, key.hash]);
  return [
    ...insertKeys(keyed, TAKE_OVER),
    [
      "SELECT CONCAT(app_id, ' ', hash) AS owned, msg_id FROM message_key FORCE INDEX (PRIMARY) WHERE (app_id, hash) IN (?)",
      [rowValues(names)],
    ],
  ];
}

/** The same with eventIds. */
export function claimEvents(messages: readonly NewMessageRow[]): Statement[] {
  const named = messages
    .filter((message) => message.eventId !== null)
    .toSorted((a, b) => compare(a.appId, b.appId) || compare(a.eventId!, b.eventId!));
  if (named.length === 0) return [];
  const names = named.map(({ appId, eventId }) => [appId, eventId]);
  return [
    [
      'INSERT INTO message_event (app_id, event_id, msg_id) VALUES ? ON DUPLICATE KEY UPDATE app_id = message_event.app_id',
      [named.map(({ appId, eventId, id }) => [appId, eventId, id])],
    ],
    [
      "SELECT CONCAT(app_id, ' ', event_id) AS owned, msg_id FROM message_event FORCE INDEX (PRIMARY) WHERE (app_id, event_id) IN (?)",
      [rowValues(names)],
    ],
  ];
}

/** Of a message that is left out for its key, the eventId that it had taken; of one that is left out for its eventId, the key. */
export function giveBack(
  { messages }: Group,
  keyTaken: ReadonlyMap<string, string>,
  eventTaken: ReadonlyMap<string, string>,
): Statement[] {
  const events = messages.filter((m) => keyTaken.has(m.id) && m.eventId !== null && !eventTaken.has(m.id));
  const keys = keyedOf(messages).filter(({ id }) => eventTaken.has(id) && !keyTaken.has(id));
  const remove = (table: string, name: string, rows: (string | null)[][]): Statement[] =>
    rows.length === 0
      ? []
      : [
          [
            `DELETE FROM ${table} WHERE ${rows.map(() => `(app_id = ? AND ${name} = ? AND msg_id = ?)`).join(' OR ')}`,
            rows.toSorted(byNames).flat(),
          ],
        ];
  return [
    ...remove(
      'message_event',
      'event_id',
      events.map(({ appId, eventId, id }) => [appId, eventId, id]),
    ),
    ...remove(
      'message_key',
      'hash',
      keys.map(({ appId, key, id }) => [appId, key.hash, id]),
    ),
  ];
}

function keyedOf(messages: readonly NewMessageRow[]): Keyed[] {
  return messages
    .filter((message): message is Keyed => Boolean(message.key))
    .toSorted((a, b) => compare(a.appId, b.appId) || compare(a.key.hash, b.key.hash));
}

function byNames([app, name]: (string | null)[], [otherApp, otherName]: (string | null)[]): number {
  return compare(app!, otherApp!) || compare(name!, otherName!);
}

function insertKeys(keyed: readonly Keyed[], otherwise: string): Statement[] {
  if (keyed.length === 0) return [];
  return [
    [
      `INSERT INTO message_key (app_id, hash, msg_id, expires_at) VALUES ${keyed.map(() => KEY_ROW).join(',')} ${otherwise}`,
      keyed.flatMap(({ appId, key, id }) => [appId, key.hash, id, Math.round(key.keepMs) * 1000]),
    ],
  ];
}

function insertMessages(messages: readonly NewMessageRow[]): Statement {
  const withExtras = messages.some((m) => m.extras);
  const extraColumns = withExtras ? ', tags, deliver_at, content_type' : '';
  return [
    `INSERT INTO message (app_id, id, event_type, event_id, channels, payload, payload_until${extraColumns}) VALUES ?`,
    [messages.map((m) => (withExtras ? [...valuesOf(m), ...extrasOf(m)] : valuesOf(m)))],
  ];
}

function valuesOf(m: NewMessageRow): unknown[] {
  return [
    m.appId,
    m.id,
    m.eventType,
    m.eventId,
    m.channels && JSON.stringify(m.channels),
    // As text, not as a Buffer: the driver would send a Buffer in hexadecimal, twice the bytes. It is valid UTF-8.
    m.payload.toString('utf8'),
    sqlTime(m.payloadUntil),
  ];
}

function insertExpiries(messages: readonly NewMessageRow[]): Statement {
  const rows = messages
    .map((m) => [sqlTime(m.payloadUntil), m.appId, m.id] as const)
    .toSorted((a, b) => compare(a[0], b[0]) || compare(a[1], b[1]) || compare(a[2], b[2]));
  return ['INSERT INTO payload_expiry (payload_until, app_id, msg_id) VALUES ?', [rows]];
}

function insertDeliveries(deliveries: readonly NewDeliveryRow[], leaseMs: number): Statement {
  const row = ({ claimed, dueAt }: NewDeliveryRow) => {
    const state = claimed ? 1 : 0;
    return `(?, ?, 0, ?, ${state}, 0, ${state}, ${dueAt ? '?' : 'UTC_TIMESTAMP(3) + INTERVAL ? MICROSECOND'})`;
  };
  return [
    `INSERT INTO delivery (msg_id, endpoint_id, run, app_id, state, attempts, fence, due_at) VALUES ${deliveries.map(row).join(',')}`,
    deliveries.flatMap((d) => {
      const due = d.dueAt ? sqlTime(d.dueAt) : Math.round(d.claimed ? leaseMs : GRACE_MS) * 1000;
      return [d.msgId, d.endpointId, d.appId, due];
    }),
  ];
}

/** Consecutive parts that fit into a statement each; one item that is too heavy stands alone. */
function inParts<T>(items: readonly T[], bytesOf: (item: T) => number): T[][] {
  const parts: T[][] = [];
  let bytes = 0;
  for (const item of items) {
    const own = bytesOf(item);
    const last = parts.at(-1);
    if (last && last.length < MAX_ROWS && bytes + own <= MAX_BYTES) {
      last.push(item);
      bytes += own;
    } else {
      parts.push([item]);
      bytes = own;
    }
  }
  return parts;
}
