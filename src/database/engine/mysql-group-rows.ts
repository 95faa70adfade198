import { sqlTime } from '../dialect.js';
import { compare, GRACE_MS, type Group, type MessageKey, type NewDeliveryRow, type NewMessageRow } from './engine-store.js';
import { extrasOf } from '../message-extras-row.js';
import { rowValues } from './mysql-pool.js';

/** The largest part of a group for one statement. Only a batch request can make a group larger than this. */
const MAX_BYTES = 4 * 1024 * 1024;
/** The parts of such a group are smaller: the driver escapes a part in one turn of the event loop, and makes much garbage of it. */
const LARGE_GROUP_PART_BYTES = 256 * 1024;
const MAX_ROWS = 2_000;

export type Statement = [sql: string, values: unknown[]];
type Keyed = NewMessageRow & { key: MessageKey };

const KEY_ROW = '(?, ?, ?, UTC_TIMESTAMP(3) + INTERVAL ? MICROSECOND)';
/** An expired key goes to the new message. The second assignment sees the result of the first one. */
const REPLACE_EXPIRED = `ON DUPLICATE KEY UPDATE msg_id = IF(expires_at <= UTC_TIMESTAMP(3), VALUES(msg_id), msg_id),
  expires_at = IF(msg_id = VALUES(msg_id), VALUES(expires_at), expires_at)`;

/**
 * The statements that insert the rows of a group, each sorted by primary key: keys, messages, expiries, deliveries. Each is made when it is
 * asked for, because the payloads of a large group take long to decode.
 *
 * @param how.without ids of the messages to leave out
 * @param how.keys whether to insert the idempotency keys; false if they were inserted before
 * @param how.leaseMs lease of the claimed deliveries
 */
export function* insertRows(
  group: Group,
  { without, keys, leaseMs }: { without: ReadonlyMap<string, string>; keys: boolean; leaseMs: number },
): Generator<Statement, void> {
  const messages = group.messages
    .filter((m) => !without.has(m.id))
    .toSorted((a, b) => compare(a.appId, b.appId) || compare(a.id, b.id));
  const deliveries = group.deliveries
    .filter((delivery) => !without.has(delivery.msgId))
    .toSorted((a, b) => compare(a.msgId, b.msgId) || compare(a.endpointId, b.endpointId));
  const early = messages.filter((m) => m.expiresEarly);
  if (keys) yield* insertKeys(withKey(messages), '');
  const partBytes = isLarge(group) ? LARGE_GROUP_PART_BYTES : MAX_BYTES;
  for (const part of partsOf(messages, (m) => m.payload.length, partBytes)) yield insertMessages(part);
  if (early.length > 0) yield insertExpiries(early);
  for (const part of partsOf(deliveries, () => 0)) yield insertDeliveries(part, leaseMs);
}

/** Whether the group is too large for one packet. The usual `max_allowed_packet` is 16 MiB, and escapes can double a payload. */
export function isLarge({ messages }: Group): boolean {
  let bytes = 0;
  for (const { payload } of messages) bytes += payload.length;
  return bytes > MAX_BYTES;
}

/** Inserts the keys that are free, then selects the owners of all of them. Empty if no message has a key. */
export function reserveKeys(messages: readonly NewMessageRow[]): Statement[] {
  const keyed = withKey(messages);
  if (keyed.length === 0) return [];
  const names = keyed.map(({ appId, key }) => [appId, key.hash]);
  return [
    ...insertKeys(keyed, REPLACE_EXPIRED),
    [
      "SELECT CONCAT(app_id, ' ', hash) AS owned, msg_id FROM message_key FORCE INDEX (PRIMARY) WHERE (app_id, hash) IN (?)",
      [rowValues(names)],
    ],
  ];
}

/** The same for eventIds. */
export function reserveEventIds(messages: readonly NewMessageRow[]): Statement[] {
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

/** Deletes what was reserved for messages that are left out: the eventId if the key was taken, the key if the eventId was taken. */
export function deleteReserved(
  { messages }: Group,
  keyTaken: ReadonlyMap<string, string>,
  eventTaken: ReadonlyMap<string, string>,
): Statement[] {
  const events = messages.filter((m) => keyTaken.has(m.id) && m.eventId !== null && !eventTaken.has(m.id));
  const keys = withKey(messages).filter(({ id }) => eventTaken.has(id) && !keyTaken.has(id));
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

function withKey(messages: readonly NewMessageRow[]): Keyed[] {
  return messages
    .filter((message): message is Keyed => Boolean(message.key))
    .toSorted((a, b) => compare(a.appId, b.appId) || compare(a.key.hash, b.key.hash));
}

function byNames([app, name]: (string | null)[], [otherApp, otherName]: (string | null)[]): number {
  return compare(app!, otherApp!) || compare(name!, otherName!);
}

/** `onDuplicate`: what to do with keys that exist. */
function insertKeys(keyed: readonly Keyed[], onDuplicate: string): Statement[] {
  if (keyed.length === 0) return [];
  return [
    [
      `INSERT INTO message_key (app_id, hash, msg_id, expires_at) VALUES ${keyed.map(() => KEY_ROW).join(',')} ${onDuplicate}`,
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
    // As text, because the driver would send a Buffer in hexadecimal, which is twice as long. The payload is valid UTF-8.
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
      const due = d.dueAt ? sqlTime(d.dueAt) : Math.round(d.claimed ? leaseMs : (d.delayMs ?? GRACE_MS)) * 1000;
      return [d.msgId, d.endpointId, d.appId, due];
    }),
  ];
}

/** Splits the items into consecutive parts of at most MAX_ROWS and `maxBytes`. An item that is larger is a part by itself. */
function partsOf<T>(items: readonly T[], bytesOf: (item: T) => number, maxBytes = MAX_BYTES): T[][] {
  const parts: T[][] = [];
  let bytes = 0;
  for (const item of items) {
    const size = bytesOf(item);
    const last = parts.at(-1);
    if (last && last.length < MAX_ROWS && bytes + size <= maxBytes) {
      last.push(item);
      bytes += size;
    } else {
      parts.push([item]);
      bytes = size;
    }
  }
  return parts;
}
