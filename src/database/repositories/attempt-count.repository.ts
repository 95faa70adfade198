import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { noAttempts, type AttemptCounts } from '../../domain/attempt-counts.js';
import { stepBelow } from '../../domain/count-steps.js';
import { firstIdAt, timeOf } from '../../domain/ids.js';
import { addSlot, COUNT_COLUMNS, countValues, keepLarger, SLOT, SUMS, type SlotRow } from '../count-sql.js';
import { dialectOf, keyAbove, useIndex } from '../dialect.js';
import { AttemptStatus } from '../entities/attempt.entity.js';
import { chunked } from '../list-query.js';
import { removeSome } from '../removal/rows.js';
import { byKey, marks } from '../sql-parts.js';
import { Transactions } from '../transactions.js';

const ROWS_PER_STATEMENT = 200;
const KEY = ['org_id', 'step', 'begins', 'app_id', 'endpoint_id'];
const TOTAL_KEY = ['org_id', 'step', 'begins'];

/** In the place of an organisation: all of them. */
export const ALL_ORGANIZATIONS = '';

/** An endpoint whose attempts are counted. */
export interface CountedEndpoint {
  orgId: string;
  appId: string;
  endpointId: string;
}

/** A bucket by its length and its first minute since 1970. */
export interface Bucket {
  step: number;
  begins: number;
}

export type EndpointCount = CountedEndpoint & Bucket & { counts: AttemptCounts };
export type TotalCount = Bucket & { orgId: string; counts: AttemptCounts };

/**
 * Counts attempts, and writes the counts of buckets. Everything here can be repeated, and done by two processes at once: buckets are counted as
 * a whole, and the larger number stays. Counts of an endpoint are written under a lock on its row, so none is left behind when the endpoint is removed.
 */
@Injectable()
export class AttemptCountRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly transactions: Transactions,
  ) {}

  /** Up to `limit` endpoints after one, in the order of their applications. Deleted ones are included: they had attempts. */
  endpoints(after: Pick<CountedEndpoint, 'appId' | 'endpointId'>, limit: number): Promise<CountedEndpoint[]> {
    const dialect = dialectOf(this.dataSource);
    // MariaDB begins with the applications otherwise, and sorts all of their endpoints.
    const join = dialect === 'mysql' ? 'STRAIGHT_JOIN' : 'JOIN';
    return this.dataSource.query(
      `SELECT a.org_id AS orgId, e.app_id AS appId, e.id AS endpointId
         FROM endpoint e ${useIndex(dialect, 'endpoint_by_app')} ${join} application a ${byKey(this.dataSource)} ON a.id = e.app_id
        WHERE ${keyAbove[dialect]('e.app_id', 'e.id')} ORDER BY e.app_id, e.id LIMIT ?`,
      [after.appId, after.appId, after.endpointId, limit],
    );
  }

  /** When the oldest application was made, ms since 1970; null if there is none. No attempt is older. */
  async oldest(): Promise<number | null> {
    const [row]: { id: string | null }[] = await this.dataSource.query('SELECT MIN(id) AS id FROM application');
    return row?.id ? timeOf(row.id) : null;
  }

  /**
   * The attempts that began in a time range (ms since 1970, `to` exclusive), by endpoint. Endpoints without any are left out. Null if there are more
   * than `most`; null for any number.
   */
  async count(
    endpointIds: readonly string[],
    { from, to }: { from: number; to: number },
    most: number | null,
  ): Promise<Map<string, AttemptCounts> | null> {
    const { success, fail } = AttemptStatus;
    const attempts = `attempt ${useIndex(dialectOf(this.dataSource), 'attempt_by_endpoint')}
      WHERE endpoint_id IN (${marks(endpointIds.length)}) AND status IN (${success}, ${fail}) AND id >= ? AND id < ?`;
    const limited = `(SELECT endpoint_id, status, status_code, duration_ms FROM ${attempts} LIMIT ${(most ?? 0) + 1}) some`;
    const rows: (SlotRow & { endpointId: string })[] = await this.dataSource.query(
      `SELECT endpoint_id AS endpointId, status, ${SLOT} AS slot, COUNT(*) AS found
         FROM ${most === null ? attempts : limited} GROUP BY endpoint_id, status, slot`,
      [...endpointIds, firstIdAt('atmpt_', from), firstIdAt('atmpt_', to)],
    );
    if (most !== null && rows.reduce((sum, row) => sum + Number(row.found), 0) > most) return null;
    const found = new Map<string, AttemptCounts>();
    for (const row of rows) {
      const counts = found.get(row.endpointId) ?? noAttempts();
      addSlot(counts, row);
      found.set(row.endpointId, counts);
    }
    return found;
  }

  /** Writes counts of endpoints, as far as these still have rows. */
  async write(rows: readonly EndpointCount[]): Promise<void> {
    const sorted = rows.toSorted((one, other) => (placeOf(one) < placeOf(other) ? -1 : 1));
    for (const some of chunked(sorted, ROWS_PER_STATEMENT)) {
      await this.transactions.write(async (manager) => {
        const there = await this.locked(manager, [...new Set(some.map(({ endpointId }) => endpointId))]);
        const left = some.filter(({ endpointId }) => there.has(endpointId));
        const values = left.map((row) => [
          row.orgId,
          row.step,
          row.begins,
          row.appId,
          row.endpointId,
          ...countValues(row.counts),
        ]);
        if (left.length > 0) await this.insert(manager, 'attempt_count', KEY, values);
      });
    }
  }

  /** Writes counts of organisations, and of all of them together. */
  async writeTotals(rows: readonly TotalCount[]): Promise<void> {
    for (const some of chunked(rows, ROWS_PER_STATEMENT)) {
      const values = some.map((row) => [row.orgId, row.step, row.begins, ...countValues(row.counts)]);
      await this.transactions.write((manager) => this.insert(manager, 'attempt_total', TOTAL_KEY, values));
    }
  }

  /** Makes these buckets of the next shorter ones, for these endpoints. */
  async rollUp(endpoints: readonly CountedEndpoint[], buckets: readonly Bucket[]): Promise<void> {
    const ids = endpoints.map(({ endpointId }) => endpointId);
    const appIds = [...new Set(endpoints.map(({ appId }) => appId))];
    const from = `attempt_count ${useIndex(dialectOf(this.dataSource), 'attempt_count_by_app')}
      WHERE app_id IN (${marks(appIds.length)}) AND endpoint_id IN (${marks(ids.length)})`;
    for (const bucket of buckets) {
      await this.transactions.write(async (manager) => {
        await this.locked(manager, ids);
        await this.sumUp(manager, { table: 'attempt_count', key: KEY, from, values: [...appIds, ...ids] }, bucket);
      });
    }
  }

  /** The same for organisations. */
  async rollUpTotals(buckets: readonly Bucket[]): Promise<void> {
    const from = `attempt_total ${useIndex(dialectOf(this.dataSource), 'attempt_total_by_time')} WHERE 1 = 1`;
    for (const bucket of buckets)
      await this.transactions.write((manager) =>
        this.sumUp(manager, { table: 'attempt_total', key: TOTAL_KEY, from, values: [] }, bucket),
      );
  }

  /** The organisation after this one that has counts of endpoints; null if there is none. */
  async organizationAfter(orgId: string): Promise<string | null> {
    const [row]: { orgId: string }[] = await this.dataSource.query(
      `SELECT org_id AS orgId FROM attempt_count ${byKey(this.dataSource)} WHERE org_id > ? ORDER BY org_id LIMIT 1`,
      [orgId],
    );
    return row?.orgId ?? null;
  }

  /** Removes some of the counts of an organisation's endpoints in buckets that begin before `before`. Returns how many. */
  removeBefore(orgId: string, step: number, before: number): Promise<number> {
    const where = 'org_id = ? AND step = ? AND begins < ?';
    const rows = { table: 'attempt_count', key: KEY, where, values: [orgId, step, before] };
    return this.transactions.write((manager) => removeSome(manager, rows));
  }

  /** The same for the counts of all organisations. */
  removeTotalsBefore(step: number, before: number): Promise<number> {
    const rows = { table: 'attempt_total', key: TOTAL_KEY, where: 'step = ? AND begins < ?', values: [step, before] };
    return this.transactions.write((manager) => removeSome(manager, { ...rows, index: 'attempt_total_by_time' }));
  }

  /** Locks the rows of these endpoints until the end of the transaction, and returns those that there are. */
  private async locked(manager: EntityManager, ids: readonly string[]): Promise<Set<string>> {
    const lock = dialectOf(this.dataSource) === 'mysql' ? 'FOR UPDATE' : '';
    const rows: { id: string }[] = await manager.query(
      `SELECT id FROM endpoint ${byKey(this.dataSource)} WHERE id IN (${marks(ids.length)}) ORDER BY id ${lock}`,
      [...ids],
    );
    return new Set(rows.map(({ id }) => id));
  }

  private async insert(manager: EntityManager, table: string, key: readonly string[], rows: readonly unknown[][]): Promise<void> {
    const columns = [...key, ...COUNT_COLUMNS];
    const values = rows.map(() => `(${marks(columns.length)})`).join(', ');
    const known = keepLarger(dialectOf(this.dataSource), table, key.join(', '));
    await manager.query(`INSERT INTO ${table} (${columns.join(', ')}) VALUES ${values} ${known}`, rows.flat());
  }

  /** One statement. The sums are a subquery, so that the names after it can only mean the table that is written. */
  private async sumUp(
    manager: EntityManager,
    { table, key, from, values }: { table: string; key: readonly string[]; from: string; values: unknown[] },
    { step, begins }: Bucket,
  ): Promise<void> {
    const owner = key.filter((column) => column !== 'step' && column !== 'begins');
    const selected = [...key.map((column) => (owner.includes(column) ? column : '?')), ...COUNT_COLUMNS].join(', ');
    await manager.query(
      `INSERT INTO ${table} (${[...key, ...COUNT_COLUMNS].join(', ')})
       SELECT ${selected} FROM (SELECT ${owner.join(', ')}, ${SUMS} FROM ${from} AND step = ? AND begins >= ? AND begins < ?
        GROUP BY ${owner.join(', ')}) summed WHERE 1 = 1
       ${keepLarger(dialectOf(this.dataSource), table, key.join(', '))}`,
      [step, begins, ...values, stepBelow(step), begins, begins + step],
    );
  }
}

function placeOf({ orgId, step, begins, appId, endpointId }: EndpointCount): string {
  return [orgId, String(step).padStart(4), begins, appId, endpointId].join('\n');
}
