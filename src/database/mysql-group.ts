import type { PoolConnection } from 'mysql2';
import { sqlTime } from './dialect.js';
import { compare, GRACE_MS, type Group, type NewDeliveryRow, type NewMessageRow } from './engine-store.js';
import { extrasOf } from './message-extras-row.js';
import { ask, rowValues } from './mysql-pool.js';

/** A statement takes at most this much of a batch; a group of single requests is never larger. */
const MOST_BYTES = 4 * 1024 * 1024;
const MOST_ROWS = 2_000;
/** As many as a group needs: its messages, which of them expire early, its deliveries. */
const STATEMENTS_OF_A_PACKET = 3;

type Statement = [sql: string, values: unknown[]];

const OUT_OF_RANGE = 1690;
/**
 * Fails unless all applications still have these versions: the largest number there is, plus one, is out of range on MySQL and on MariaDB. What
 * follows in the packet is then not run.
 */
const UNLESS_STALE = `SELECT 18446744073709551615 + (COUNT(*) <> ?) FROM application FORCE INDEX (PRIMARY) WHERE (id, version) IN (?)`;

/**
 * The whole group in one packet, and one round trip, where no message has an eventId and the rows fit. Answers the applications that have
 * changed, in which case nothing was written; null where it takes the two packets.
 */
export async function insertAtOnce(
  connection: PoolConnection,
  group: Group,
  leaseMs: number,
): Promise<{ stale: string[] } | null> {
  if (group.messages.some((message) => message.eventId !== null)) return null;
  const statements = statementsOf(group, new Set(), leaseMs);
  if (statements.length > STATEMENTS_OF_A_PACKET) return null;
  const versions = [...group.versions].toSorted(([a], [b]) => compare(a, b));
  try {
    await ask(connection, ['BEGIN', UNLESS_STALE, ...statements.map(([sql]) => sql), 'COMMIT'].join(';'), [
      versions.length,
      rowValues(versions),
      ...statements.flatMap(([, values]) => values),
    ]);
    return { stale: [] };
  } catch (error) {
    if ((error as { errno?: number }).errno !== OUT_OF_RANGE) throw error;
    await ask(connection, 'ROLLBACK', []);
    const { stale } = await beginGroup(connection, group);
    await ask(connection, 'ROLLBACK', []);
    if (stale.length === 0) throw error;
    return { stale };
  }
}

/** First of two packets of a group: are the applications still as they were matched, and whose are the eventIds. */
export async function beginGroup(
  connection: PoolConnection,
  group: Group,
): Promise<{ stale: string[]; eventIdTaken: Set<string> }> {
  const appIds = [...group.versions.keys()].toSorted(compare);
  const named = group.messages
    .filter((message) => message.eventId !== null)
    .toSorted((a, b) => compare(a.appId, b.appId) || compare(a.eventId!, b.eventId!));
  const events = named.map((message) => [message.appId, message.eventId, message.id]);
  const claimEvents =
    events.length === 0
      ? ''
      : `;INSERT INTO message_event (app_id, event_id, msg_id) VALUES ? ON DUPLICATE KEY UPDATE app_id = app_id;
         SELECT app_id, event_id, msg_id FROM message_event FORCE INDEX (PRIMARY) WHERE (app_id, event_id) IN (?)`;
  const results = await ask<unknown[]>(
    connection,
    `BEGIN;SELECT id, version FROM application WHERE id IN (?)${claimEvents}`,
    events.length === 0 ? [appIds] : [appIds, events, events.map(([appId, eventId]) => [appId, eventId])],
  );
  const found = new Map((results[1] as { id: string; version: number }[]).map((row) => [row.id, row.version]));
  const owners = (results[3] ?? []) as { app_id: string; event_id: string; msg_id: string }[];
  const ownerOf = new Map(owners.map((row) => [`${row.app_id} ${row.event_id}`, row.msg_id]));
  return {
    stale: appIds.filter((appId) => found.get(appId) !== group.versions.get(appId)),
    eventIdTaken: new Set(named.filter((m) => ownerOf.get(`${m.appId} ${m.eventId}`) !== m.id).map((m) => m.id)),
  };
}

/**
 * Second packet: the rows and the COMMIT. A claimed delivery's INSERT is its claim. What is larger than a group of single
 * requests may be goes ahead in packets of its own; nothing of it stands before the COMMIT in the last one.
 */
export async function commitGroup(
  connection: PoolConnection,
  group: Group,
  taken: ReadonlySet<string>,
  leaseMs: number,
): Promise<void> {
  const statements = statementsOf(group, taken, leaseMs);
  while (statements.length > STATEMENTS_OF_A_PACKET) await ask(connection, ...statements.shift()!);
  await ask(
    connection,
    [...statements.map(([sql]) => sql), 'COMMIT'].join(';'),
    statements.flatMap(([, values]) => values),
  );
}

/** The group's rows, sorted by primary key. */
function statementsOf(group: Group, taken: ReadonlySet<string>, leaseMs: number): Statement[] {
  const messages = group.messages
    .filter((m) => !taken.has(m.id))
    .toSorted((a, b) => compare(a.appId, b.appId) || compare(a.id, b.id));
  const deliveries = group.deliveries
    .filter((delivery) => !taken.has(delivery.msgId))
    .toSorted((a, b) => compare(a.msgId, b.msgId) || compare(a.endpointId, b.endpointId));
  const early = messages.filter((m) => m.expiresEarly);
  return [
    ...inParts(messages, (m) => m.payload.length).map(insertMessages),
    ...(early.length > 0 ? [insertExpiries(early)] : []),
    ...inParts(deliveries, () => 0).map((part) => insertDeliveries(part, leaseMs)),
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
    if (last && last.length < MOST_ROWS && bytes + own <= MOST_BYTES) {
      last.push(item);
      bytes += own;
    } else {
      parts.push([item]);
      bytes = own;
    }
  }
  return parts;
}
