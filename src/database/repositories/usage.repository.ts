import { Injectable } from '@nestjs/common';
import { DataSource, In } from 'typeorm';
import { dialectOf, endpointIs, useIndex } from '../dialect.js';
import { Application } from '../entities/application.entity.js';
import { AttemptStatus } from '../entities/attempt.entity.js';
import { Endpoint } from '../entities/endpoint.entity.js';
import { Message } from '../entities/message.entity.js';
import { ENDPOINT_OF_APP, isKey } from '../list-query.js';
import type { Between } from './replay.repository.js';
import { byKey, marks } from '../sql-parts.js';

const KEYS_PER_READ = 500;

/** How many attempts had each result. */
export interface AttemptCounts {
  success: number;
  fail: number;
}

/** Reads and counts for statistics and for background tasks. They are not used while a message is delivered. */
@Injectable()
export class UsageRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** The number of attempts to an endpoint in a range of ids, by result. With `most`, null if one of the results has more. */
  async attempts(appId: string, endpointId: string, between: Between): Promise<AttemptCounts>;
  async attempts(appId: string, endpointId: string, between: Between, most: number): Promise<AttemptCounts | null>;
  async attempts(
    appId: string,
    endpointId: string,
    { above, below }: Between,
    most: number | null = null,
  ): Promise<AttemptCounts | null> {
    const dialect = dialectOf(this.dataSource);
    const { success, fail } = AttemptStatus;
    // Each status is a range of the index of its own, and needs no sorting.
    const ofStatus = (status: number) => {
      const from = `FROM attempt ${useIndex(dialect, 'attempt_by_endpoint')}
        WHERE ${endpointIs[dialect]} AND status = ${status} AND id > ? AND id < ? AND ${ENDPOINT_OF_APP}`;
      const limited = most === null ? from : `FROM (SELECT 1 ${from} LIMIT ${most + 1}) some`;
      return `SELECT ${status} AS status, COUNT(*) AS found ${limited}`;
    };
    const values = [endpointId, endpointId, above, below, endpointId, appId];
    const rows: { status: number; found: number }[] = await this.dataSource.query(
      `${ofStatus(success)} UNION ALL ${ofStatus(fail)}`,
      [...values, ...values],
    );
    const found = (status: number) => Number(rows.find((row) => Number(row.status) === status)?.found ?? 0);
    const counts = { success: found(success), fail: found(fail) };
    return most !== null && Math.max(counts.success, counts.fail) > most ? null : counts;
  }

  /** Up to `count` applications of the organisation after `aboveId`, in the order of their ids. With `only`, only those with these ids. */
  async applications(
    orgId: string,
    aboveId: string,
    count: number,
    only: readonly string[] | null = null,
  ): Promise<{ id: string; uid: string | null }[]> {
    if (only?.length === 0) return [];
    const query = this.dataSource.manager
      .createQueryBuilder(Application, 'a')
      .select(['a.id', 'a.uid'])
      .where('a.orgId = :orgId AND a.deleted = :deleted AND a.id > :aboveId', { orgId, deleted: false, aboveId })
      .orderBy('a.id')
      .limit(count);
    if (only) query.andWhere('a.id IN (:...only)', { only });
    return query.getMany();
  }

  /** Finds applications by their ids or uids. Returns the given id or uid → id. */
  async resolve(orgId: string, keys: readonly string[]): Promise<Map<string, string>> {
    const found = new Map<string, string>();
    const usable = keys.filter(isKey);
    for (let at = 0; at < usable.length; at += KEYS_PER_READ) {
      const chunk = In(usable.slice(at, at + KEYS_PER_READ));
      const rows = await this.dataSource.manager.find(Application, {
        select: { id: true, uid: true },
        where: [
          { orgId, deleted: false, id: chunk },
          { orgId, deleted: false, uid: chunk },
        ],
      });
      for (const { id, uid } of rows) {
        found.set(id, id);
        if (uid !== null) found.set(uid, id);
      }
    }
    return found;
  }

  /** The filter by event type of each endpoint of these applications; null for all types. */
  async subscriptions(appIds: readonly string[]): Promise<{ appId: string; eventTypes: string[] | null }[]> {
    if (appIds.length === 0) return [];
    return this.dataSource.manager
      .createQueryBuilder(Endpoint, 'e')
      .select(['e.id', 'e.appId', 'e.eventTypes'])
      .where('e.appId IN (:...appIds) AND e.deleted = :deleted', { appIds, deleted: false })
      .getMany();
  }

  /** Up to `count` messages of an application, oldest first. `kept`: the payload was not removed. */
  async messages(appId: string, { above, below }: Between, count: number): Promise<{ id: string; kept: boolean }[]> {
    const { raw, entities } = await this.dataSource.manager
      .createQueryBuilder(Message, 'm')
      .select(['m.appId', 'm.id'])
      .addSelect('(m.payload IS NOT NULL)', 'kept')
      .where('m.appId = :appId AND m.id > :above AND m.id < :below', { appId, above, below })
      .orderBy('m.id')
      .limit(count)
      .getRawAndEntities<{ kept: number }>();
    return entities.map(({ id }, at) => ({ id, kept: Number(raw[at]!.kept) === 1 }));
  }

  /** The number of endpoints to which each of these messages was sent, summed over the messages. */
  async destinations(appId: string, msgIds: readonly string[]): Promise<number> {
    if (msgIds.length === 0) return 0;
    const rows: { found: number }[] = await this.dataSource.query(
      `SELECT COUNT(*) AS found FROM
         (SELECT msg_id, endpoint_id FROM delivery ${byKey(this.dataSource)}
           WHERE msg_id IN (${marks(msgIds.length)}) AND app_id = ? AND attempts > 0 GROUP BY msg_id, endpoint_id) sent`,
      [...msgIds, appId],
    );
    return Number(rows[0]?.found ?? 0);
  }
}
