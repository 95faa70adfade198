import type { PoolConnection } from 'mysql2';
import { fromSqlTime, sqlTime } from '../dialect.js';
import { compare, MAX_ID_SKEW_MS, timesOf, type Group, type GroupResult, type NewMessageRow } from './engine-store.js';
import { isDuplicateKey } from '../errors.js';
import { claimEvents, claimKeys, giveBack, rowsOf, type Statement } from './mysql-group-rows.js';
import { ask, rowValues } from './mysql-pool.js';

/** As many as a group needs: its keys, its messages, which of them expire early, its deliveries. */
const STATEMENTS_OF_A_PACKET = 4;
const NOTHING_TAKEN: ReadonlyMap<string, string> = new Map();

const OUT_OF_RANGE = 1690;
const SKEW = `INTERVAL ${MAX_ID_SKEW_MS * 1000} MICROSECOND`;
/**
 * Fails unless all applications still have these versions, and the ids' times are near the database's: the largest number there is, plus one,
 * is out of range on MySQL and on MariaDB. What follows in the packet is then not run.
 *
 * It comes after the rows. So whatever passes it holds its rows locked, and whoever reads in the order of ids, further behind the
 * present than the skew and with a locking read, meets each row that can still be committed there.
 */
const UNLESS_STALE = `SELECT 18446744073709551615 + (COUNT(*) <> ? OR CAST(? AS DATETIME(3)) < UTC_TIMESTAMP(3) - ${SKEW}
  OR CAST(? AS DATETIME(3)) > UTC_TIMESTAMP(3) + ${SKEW}) FROM application FORCE INDEX (PRIMARY) WHERE (id, version) IN (?)`;

/** Whose something is, as far as it is somebody else's: message → the message that has it. */
type Taken = ReadonlyMap<string, string>;

/**
 * Writes a group in one transaction. In one packet, and one round trip, where no message has an eventId and the rows fit; otherwise, and
 * where a key turns out to be taken, in two.
 */
export async function insertGroup(connection: PoolConnection, group: Group, leaseMs: number): Promise<GroupResult> {
  return (await insertAtOnce(connection, group, leaseMs)) ?? insertInSteps(connection, group, leaseMs);
}

async function insertAtOnce(connection: PoolConnection, group: Group, leaseMs: number): Promise<GroupResult | null> {
  if (group.messages.some((message) => message.eventId !== null)) return null;
  const statements = rowsOf(group, { without: NOTHING_TAKEN, keys: true, leaseMs });
  if (statements.length > STATEMENTS_OF_A_PACKET) return null;
  try {
    await send(connection, [['BEGIN', []], ...statements, unlessStale(group, group.messages), ['COMMIT', []]]);
    return { kind: 'committed', eventIdTaken: new Set(), keyTaken: NOTHING_TAKEN };
  } catch (error) {
    const keyed = isDuplicateKey(error) && group.messages.some(({ key }) => key);
    if (!keyed && !isOutOfRange(error)) throw error;
    await ask(connection, 'ROLLBACK', []);
    return keyed ? null : judged(connection, group);
  }
}

/** First are the applications still as they were matched, and whose are the keys and the eventIds; then the rows. */
async function insertInSteps(connection: PoolConnection, group: Group, leaseMs: number): Promise<GroupResult> {
  const { stale, keyTaken, eventTaken } = await begin(connection, group);
  if (stale.length > 0) {
    await ask(connection, 'ROLLBACK', []);
    return { kind: 'stale', appIds: stale };
  }
  const taken = new Map([...eventTaken, ...keyTaken]);
  const left = group.messages.filter(({ id }) => !taken.has(id));
  const statements = [
    ...giveBack(group, keyTaken, eventTaken),
    ...rowsOf(group, { without: taken, keys: false, leaseMs }),
    ...(left.length > 0 ? [unlessStale(group, left)] : []),
    ['COMMIT', []] satisfies Statement,
  ];
  try {
    // What is larger than a group of single requests may be goes ahead in packets of its own; nothing stands before the COMMIT.
    while (statements.length > STATEMENTS_OF_A_PACKET + 2) await send(connection, [statements.shift()!]);
    await send(connection, statements);
  } catch (error) {
    if (!isOutOfRange(error)) throw error;
    await ask(connection, 'ROLLBACK', []);
    return judged(connection, group);
  }
  const eventIdTaken = new Set([...eventTaken.keys()].filter((id) => !keyTaken.has(id)));
  return { kind: 'committed', eventIdTaken, keyTaken };
}

async function begin(connection: PoolConnection, group: Group): Promise<{ stale: string[]; keyTaken: Taken; eventTaken: Taken }> {
  const keyed = claimKeys(group.messages);
  const named = claimEvents(group.messages);
  const results = await send(connection, [['BEGIN', []], versions(group), ...keyed, ...named]);
  const keys = keyed.length > 0 ? (results[3] as { owned: string; msg_id: string }[]) : [];
  const events = named.length > 0 ? (results[3 + keyed.length] as { owned: string; msg_id: string }[]) : [];
  return {
    stale: staleOf(group, results[1]),
    keyTaken: takenOf(group.messages, keys, (message) => message.key && `${message.appId} ${message.key.hash}`),
    eventTaken: takenOf(group.messages, events, (message) => message.eventId && `${message.appId} ${message.eventId}`),
  };
}

function takenOf(
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

/** Why the check refused a group that was rolled back. */
async function judged(connection: PoolConnection, group: Group): Promise<GroupResult> {
  const results = await send(connection, [versions(group), ['SELECT UTC_TIMESTAMP(3) AS now', []]]);
  const stale = staleOf(group, results[0]);
  if (stale.length > 0) return { kind: 'stale', appIds: stale };
  return { kind: 'mistimed', now: fromSqlTime((results[1] as [{ now: string }])[0].now) };
}

function versions(group: Group): Statement {
  return ['SELECT id, version FROM application WHERE id IN (?)', [[...group.versions.keys()].toSorted(compare)]];
}

function staleOf(group: Group, rows: unknown): string[] {
  const found = new Map((rows as { id: string; version: number }[]).map((row) => [row.id, row.version]));
  return [...group.versions].filter(([appId, version]) => found.get(appId) !== version).map(([appId]) => appId);
}

function unlessStale(group: Group, messages: readonly NewMessageRow[]): Statement {
  const { oldest, newest } = timesOf(messages);
  const pairs = [...group.versions].toSorted(([a], [b]) => compare(a, b));
  return [UNLESS_STALE, [pairs.length, sqlTime(oldest), sqlTime(newest), rowValues(pairs)]];
}

function isOutOfRange(error: unknown): boolean {
  return (error as { errno?: number }).errno === OUT_OF_RANGE;
}

function send(connection: PoolConnection, statements: readonly Statement[]): Promise<unknown[]> {
  return ask<unknown[]>(
    connection,
    statements.map(([sql]) => sql).join(';'),
    statements.flatMap(([, values]) => values),
  );
}
