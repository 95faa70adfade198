import type { PoolConnection } from 'mysql2';
import { startCountdown } from '../../async/time-limit.js';
import { fromSqlTime, sqlTime } from '../dialect.js';
import { compare, MAX_ID_SKEW_MS, idTimeRange, type Group, type GroupResult, type NewMessageRow } from './engine-store.js';
import { DatabaseAway, isDuplicateKey } from '../errors.js';
import { deleteReserved, insertRows, isLarge, reserveEventIds, reserveKeys, type Statement } from './mysql-group-rows.js';
import { rowValues, sendPacket } from './mysql-pool.js';

/** What a group of usual size needs: one statement each for keys, messages, expiries and deliveries. */
const MAX_STATEMENTS = 4;
const NONE: ReadonlyMap<string, string> = new Map();

const OUT_OF_RANGE = 1690;
const SKEW = `INTERVAL ${MAX_ID_SKEW_MS * 1000} MICROSECOND`;
/**
 * Fails if an application has another version, or if the time in an id is too far from the database's time: it adds one to the largest
 * number, which is out of range on MySQL and on MariaDB. The rest of the packet, with its COMMIT, is then not run.
 *
 * The check comes after the inserts. So a transaction that passes it holds locks on its rows. A poller reads further behind the present
 * than the allowed difference, with a locking read, and so waits for each row that may still be committed there.
 *
 * Without its alias the column would be named after the values, and the driver compiles and keeps a parser for each new name.
 */
const CHECK_GROUP = `SELECT 18446744073709551615 + (COUNT(*) <> ? OR CAST(? AS DATETIME(3)) < UTC_TIMESTAMP(3) - ${SKEW}
  OR CAST(? AS DATETIME(3)) > UTC_TIMESTAMP(3) + ${SKEW}) AS in_time
  FROM application FORCE INDEX (PRIMARY) WHERE (id, version) IN (?)`;

/** Ids of messages whose key (or eventId) belongs to another message → id of that message. */
type Taken = ReadonlyMap<string, string>;

/**
 * Writes a group in one transaction. Usually this takes one packet, so one round trip. It takes two or more if a message has an eventId, if
 * the group is large, or if a key belongs to another message.
 */
export async function insertGroup(connection: PoolConnection, group: Group, leaseMs: number): Promise<GroupResult> {
  return (await insertAtOnce(connection, group, leaseMs)) ?? insertInSteps(connection, group, leaseMs);
}

/** Null if the group needs insertInSteps; nothing was written then. */
async function insertAtOnce(connection: PoolConnection, group: Group, leaseMs: number): Promise<GroupResult | null> {
  if (group.messages.some((message) => message.eventId !== null)) return null;
  if (isLarge(group)) return null;
  const statements = [...insertRows(group, { without: NONE, keys: true, leaseMs })];
  if (statements.length > MAX_STATEMENTS) return null;
  try {
    await send(connection, [['BEGIN', []], ...statements, checkGroup(group, group.messages), ['COMMIT', []]]);
    return { kind: 'committed', eventIdTaken: new Set(), keyTaken: NONE };
  } catch (error) {
    const isKeyTaken = isDuplicateKey(error) && group.messages.some(({ key }) => key);
    if (!isKeyTaken && !isOutOfRange(error)) throw error;
    await sendPacket(connection, 'ROLLBACK', []);
    return isKeyTaken ? null : reasonOfRefusal(connection, group);
  }
}

/** First compares the versions and reserves keys and eventIds, then writes the rows. */
async function insertInSteps(connection: PoolConnection, group: Group, leaseMs: number): Promise<GroupResult> {
  const { stale, keyTaken, eventTaken } = await begin(connection, group);
  if (stale.length > 0) {
    await sendPacket(connection, 'ROLLBACK', []);
    return { kind: 'stale', appIds: stale };
  }
  const taken = new Map([...eventTaken, ...keyTaken]);
  const remaining = group.messages.filter(({ id }) => !taken.has(id));
  const rows = insertRows(group, { without: taken, keys: false, leaseMs });
  const end: Statement[] = [...(remaining.length > 0 ? [checkGroup(group, remaining)] : []), ['COMMIT', []]];
  try {
    const first = deleteReserved(group, keyTaken, eventTaken);
    // The statements of a large group are sent one by one, except the last ones. Nothing is visible to others before the COMMIT.
    if (isLarge(group)) {
      await sendInTime(connection, first, rows);
      await send(connection, end);
    } else {
      const statements = [...first, ...rows, ...end];
      await sendInTime(connection, statements.splice(0, statements.length - MAX_STATEMENTS - 2));
      await send(connection, statements);
    }
  } catch (error) {
    if (!isOutOfRange(error)) throw error;
    await sendPacket(connection, 'ROLLBACK', []);
    return reasonOfRefusal(connection, group);
  }
  const eventIdTaken = new Set([...eventTaken.keys()].filter((id) => !keyTaken.has(id)));
  return { kind: 'committed', eventIdTaken, keyTaken };
}

/**
 * Sends the statements of a large group one by one. It gives up as soon as the ids are too old: CHECK_GROUP would refuse them, and the same
 * rows with new ids would take as long again. Time in which this process was paused does not count.
 *
 * @throws DatabaseAway; then the connection is closed, so nothing is written
 */
async function sendInTime(connection: PoolConnection, ...parts: Iterable<Statement>[]): Promise<void> {
  let isLate = false;
  const stop = startCountdown(MAX_ID_SKEW_MS, () => (isLate = true));
  try {
    for (const part of parts) {
      for (const statement of part) {
        if (isLate) throw new DatabaseAway(`The rows of a large group were not written within ${MAX_ID_SKEW_MS} ms.`);
        await send(connection, [statement]);
      }
    }
  } finally {
    stop();
  }
}

/** Begins the transaction, compares the versions, and reserves keys and eventIds. */
async function begin(connection: PoolConnection, group: Group): Promise<{ stale: string[]; keyTaken: Taken; eventTaken: Taken }> {
  const forKeys = reserveKeys(group.messages);
  const forEvents = reserveEventIds(group.messages);
  const results = await send(connection, [['BEGIN', []], selectVersions(group), ...forKeys, ...forEvents]);
  const keys = forKeys.length > 0 ? (results[3] as { owned: string; msg_id: string }[]) : [];
  const events = forEvents.length > 0 ? (results[3 + forKeys.length] as { owned: string; msg_id: string }[]) : [];
  return {
    stale: staleApplications(group, results[1]),
    keyTaken: ownedByOthers(group.messages, keys, (message) => message.key && `${message.appId} ${message.key.hash}`),
    eventTaken: ownedByOthers(group.messages, events, (message) => message.eventId && `${message.appId} ${message.eventId}`),
  };
}

function ownedByOthers(
  messages: readonly NewMessageRow[],
  owners: readonly { owned: string; msg_id: string }[],
  nameOf: (message: NewMessageRow) => string | null | undefined,
): Taken {
  const ownerOf = new Map(owners.map((row) => [row.owned, row.msg_id]));
  return new Map(
    messages.flatMap((message) => {
      const name = nameOf(message);
      const owner = name ? ownerOf.get(name) : undefined;
      return owner !== undefined && owner !== message.id ? [[message.id, owner] as const] : [];
    }),
  );
}

/** Why CHECK_GROUP failed. The group was rolled back already. */
async function reasonOfRefusal(connection: PoolConnection, group: Group): Promise<GroupResult> {
  const results = await send(connection, [selectVersions(group), ['SELECT UTC_TIMESTAMP(3) AS now', []]]);
  const stale = staleApplications(group, results[0]);
  if (stale.length > 0) return { kind: 'stale', appIds: stale };
  return { kind: 'mistimed', now: fromSqlTime((results[1] as [{ now: string }])[0].now) };
}

function selectVersions(group: Group): Statement {
  return ['SELECT id, version FROM application WHERE id IN (?)', [[...group.versions.keys()].toSorted(compare)]];
}

/** Ids of the applications whose version is not that of the group. `rows`: the result of selectVersions. */
function staleApplications(group: Group, rows: unknown): string[] {
  const found = new Map((rows as { id: string; version: number }[]).map((row) => [row.id, row.version]));
  return [...group.versions].filter(([appId, version]) => found.get(appId) !== version).map(([appId]) => appId);
}

function checkGroup(group: Group, messages: readonly NewMessageRow[]): Statement {
  const { oldest, newest } = idTimeRange(messages);
  const pairs = [...group.versions].toSorted(([a], [b]) => compare(a, b));
  return [CHECK_GROUP, [pairs.length, sqlTime(oldest), sqlTime(newest), rowValues(pairs)]];
}

function isOutOfRange(error: unknown): boolean {
  return (error as { errno?: number }).errno === OUT_OF_RANGE;
}

function send(connection: PoolConnection, statements: readonly Statement[]): Promise<unknown[]> {
  return sendPacket<unknown[]>(
    connection,
    statements.map(([sql]) => sql).join(';'),
    statements.flatMap(([, values]) => values),
  );
}
