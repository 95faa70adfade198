import { Injectable } from '@nestjs/common';
import { DataSource, In } from 'typeorm';
import { noAttempts, type AttemptCounts } from '../../domain/attempt-counts.js';
import { MINUTE_MS, type Span } from '../../domain/count-steps.js';
import { firstIdAt } from '../../domain/ids.js';
import { addSlot, COUNT_COLUMNS, countsOf, quantileSql, SLOT, SUMS, type CountRow, type SlotRow } from '../count-sql.js';
import { dialectOf, useIndex } from '../dialect.js';
import { Application } from '../entities/application.entity.js';
import { AttemptStatus } from '../entities/attempt.entity.js';
import { Endpoint } from '../entities/endpoint.entity.js';
import { byKey, marks } from '../sql-parts.js';
import { ALL_ORGANIZATIONS, type Bucket } from './attempt-count.repository.js';

/** What is read of attempts that are not counted yet, at most. */
const MAX_ENDPOINTS = 500;
const MAX_ATTEMPTS = 10_000;
/** An operator's list has endpoints of so many organisations: those that are first in the same order. */
const MAX_ORGANIZATIONS = 100;

/** Whose attempts are meant: of an endpoint, an application, an organisation, or all (null). */
export type Scope = { orgId: string; appId: string; endpointId: string | null } | { orgId: string | null };

export type BucketCounts = Bucket & { counts: AttemptCounts };

/** An endpoint in a list, with its counts. */
export interface RankedEndpoint {
  application: Pick<Application, 'id' | 'uid' | 'name'>;
  endpoint: Pick<Endpoint, 'id' | 'uid' | 'url' | 'disabled'>;
  counts: AttemptCounts;
}

/** The order of a list of endpoints: most failed attempts first, or slowest first. */
export type Ranking = 'failing' | 'slow';

const ORDER: Record<Ranking, string> = { failing: 'failed', slow: quantileSql(0.95) };

/** Reads counts of attempts for charts and lists, and the attempts that are not counted yet. */
@Injectable()
export class AttemptChartRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** The counts of all buckets of these series that have any. */
  async buckets(scope: Scope, spans: readonly Span[]): Promise<BucketCounts[]> {
    if (spans.length === 0) return [];
    const { from, values } = 'appId' in scope ? this.ofApplication(scope) : ofTotals(scope.orgId);
    const each = spans.map(
      ({ step }) =>
        `SELECT ${step} AS step, begins, ${SUMS} FROM ${from} AND step = ? AND begins >= ? AND begins < ? GROUP BY begins`,
    );
    const rows: CountRow[] = await this.dataSource.query(
      each.join(' UNION ALL '),
      spans.flatMap((span) => [...values, span.step, span.from, span.to]),
    );
    return rows.map((row) => ({ step: Number(row['step']), begins: Number(row['begins']), counts: countsOf(row) }));
  }

  /**
   * Counts attempts themselves, by the parts between these minutes. Null if this would mean to read those of more than 500 endpoints, or more
   * than 10,000 attempts.
   *
   * @param limits the limits of the parts, ascending; the last one is exclusive
   */
  async uncounted(scope: Scope, limits: readonly number[]): Promise<AttemptCounts[] | null> {
    const endpointIds = await this.endpointsOf(scope);
    if (endpointIds.length > MAX_ENDPOINTS) return null;
    const parts = limits.slice(1).map(() => noAttempts());
    if (endpointIds.length === 0 || parts.length === 0) return parts;
    const ids = limits.map((minute) => firstIdAt('atmpt_', minute * MINUTE_MS));
    const inner = ids.slice(1, -1);
    const part =
      inner.length === 0 ? '0' : `CASE ${inner.map((_, n) => `WHEN id < ? THEN ${n}`).join(' ')} ELSE ${inner.length} END`;
    const { success, fail } = AttemptStatus;
    const rows: (SlotRow & { part: number })[] = await this.dataSource.query(
      `SELECT ${part} AS part, status, ${SLOT} AS slot, COUNT(*) AS found FROM
         (SELECT id, status, status_code, duration_ms FROM attempt ${useIndex(dialectOf(this.dataSource), 'attempt_by_endpoint')}
           WHERE endpoint_id IN (${marks(endpointIds.length)}) AND status IN (${success}, ${fail}) AND id >= ? AND id < ?
           LIMIT ${MAX_ATTEMPTS + 1}) some
        GROUP BY part, status, slot`,
      [...inner, ...endpointIds, ids[0], ids.at(-1)],
    );
    if (rows.reduce((sum, row) => sum + Number(row.found), 0) > MAX_ATTEMPTS) return null;
    for (const row of rows) addSlot(parts[Number(row.part)]!, row);
    return parts;
  }

  /** The first endpoints that are not deleted in this order, of one organisation or of all. With `failing` only those with failed attempts. */
  async ranked(orgId: string | null, spans: readonly Span[], ranking: Ranking, limit: number): Promise<RankedEndpoint[]> {
    if (spans.length === 0) return [];
    const orgIds = orgId === null ? await this.organizations(spans, ranking) : [orgId];
    if (orgIds.length === 0) return [];
    const from = `attempt_count ${byKey(this.dataSource)} WHERE org_id IN (${marks(orgIds.length)})`;
    const rows: CountRow[] = await this.dataSource.query(
      `SELECT endpoint_id, ${COUNT_COLUMNS.join(', ')}, ${ORDER[ranking]} AS placed
         FROM (${summed('endpoint_id', from, spans)}) counted
        WHERE ${ORDER[ranking]} > 0 AND EXISTS (SELECT 1 FROM endpoint e WHERE e.id = counted.endpoint_id AND e.deleted = 0)
        ORDER BY placed DESC, endpoint_id LIMIT ?`,
      [...spans.flatMap((span) => [...orgIds, span.step, span.from, span.to]), limit],
    );
    return this.named(rows);
  }

  /** Up to 100 organisations that are first in this order. */
  private async organizations(spans: readonly Span[], ranking: Ranking): Promise<string[]> {
    const from = `attempt_total ${useIndex(dialectOf(this.dataSource), 'attempt_total_by_time')} WHERE org_id <> '${ALL_ORGANIZATIONS}'`;
    const rows: { org_id: string }[] = await this.dataSource.query(
      `SELECT org_id, ${ORDER[ranking]} AS placed FROM (${summed('org_id', from, spans)}) counted
        WHERE ${ORDER[ranking]} > 0 ORDER BY placed DESC, org_id LIMIT ${MAX_ORGANIZATIONS}`,
      spans.flatMap((span) => [span.step, span.from, span.to]),
    );
    return rows.map((row) => row.org_id);
  }

  private async named(rows: readonly CountRow[]): Promise<RankedEndpoint[]> {
    const { manager } = this.dataSource;
    const ids = rows.map((row) => String(row['endpoint_id']));
    if (ids.length === 0) return [];
    const select = { id: true, appId: true, uid: true, url: true, disabled: true };
    const endpoints = await manager.find(Endpoint, { select, where: { id: In(ids) } });
    const appIds = [...new Set(endpoints.map(({ appId }) => appId))];
    const applications = await manager.find(Application, {
      select: { id: true, uid: true, name: true },
      where: { id: In(appIds) },
    });
    return rows.flatMap((row) => {
      const endpoint = endpoints.find(({ id }) => id === row['endpoint_id']);
      const application = applications.find(({ id }) => id === endpoint?.appId);
      return endpoint && application ? [{ endpoint, application, counts: countsOf(row) }] : [];
    });
  }

  private ofApplication({ orgId, appId, endpointId }: Extract<Scope, { appId: string }>) {
    const index = useIndex(dialectOf(this.dataSource), 'attempt_count_by_app');
    const from = `attempt_count ${index} WHERE org_id = ? AND app_id = ?`;
    if (endpointId === null) return { from, values: [orgId, appId] };
    return { from: `${from} AND endpoint_id = ?`, values: [orgId, appId, endpointId] };
  }

  /** One more than the limit, if there are more. Deleted endpoints are included. */
  private async endpointsOf(scope: Scope): Promise<string[]> {
    if ('appId' in scope && scope.endpointId !== null) return [scope.endpointId];
    const dialect = dialectOf(this.dataSource);
    const endpoint = `endpoint e ${useIndex(dialect, 'endpoint_by_app')}`;
    const application = `application a ${useIndex(dialect, 'application_by_org')}`;
    let [from, values] = [endpoint, [] as string[]];
    if ('appId' in scope) [from, values] = [`${endpoint} WHERE e.app_id = ?`, [scope.appId]];
    else if (scope.orgId !== null)
      [from, values] = [`${application} JOIN ${endpoint} ON e.app_id = a.id WHERE a.org_id = ?`, [scope.orgId]];
    const rows: { id: string }[] = await this.dataSource.query(
      `SELECT e.id AS id FROM ${from} LIMIT ${MAX_ENDPOINTS + 1}`,
      values,
    );
    return rows.map(({ id }) => id);
  }
}

function ofTotals(orgId: string | null) {
  return { from: 'attempt_total WHERE org_id = ?', values: [orgId ?? ALL_ORGANIZATIONS] };
}

/** SQL for the sums over all these series by a column. Each series is a range of an index, and is summed up before they come together. */
function summed(by: string, from: string, spans: readonly Span[]): string {
  const each = spans.map(() => `SELECT ${by}, ${SUMS} FROM ${from} AND step = ? AND begins >= ? AND begins < ? GROUP BY ${by}`);
  return `SELECT ${by}, ${SUMS} FROM (${each.join(' UNION ALL ')}) parts GROUP BY ${by}`;
}
