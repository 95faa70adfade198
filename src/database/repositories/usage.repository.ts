import { Injectable } from '@nestjs/common';
import { DataSource, In } from 'typeorm';
import { dialectOf, endpointIs, useIndex } from '../dialect.js';
import { Application } from '../entities/application.entity.js';
import { AttemptStatus } from '../entities/attempt.entity.js';
import { Endpoint } from '../entities/endpoint.entity.js';
import { Message } from '../entities/message.entity.js';
import { ENDPOINT_OF_APP, isKey } from '../list-query.js';
import type { Between } from './replay.repository.js';
import { byKey, marks } from '../task-writes.js';

const KEYS_PER_READ = 500;

/** How many attempts had each result. */
export interface AttemptCounts {
  success: number;
  fail: number;
}

/** Counts over a tenant's data: for statistics, never on the way of a message. */
@Injectable()
export class UsageRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** The attempts at an endpoint in a window, by result. */
  async attempts(appId: string, endpointId: string, { above, below }: Between): Promise<AttemptCounts> {
    const dialect = dialectOf(this.dataSource);
    const { success, fail } = AttemptStatus;
    const rows: { status: number; found: number }[] = await this.dataSource.query(
      `SELECT status, COUNT(*) AS found FROM attempt ${useIndex(dialect, 'attempt_by_endpoint')}
        WHERE ${endpointIs[dialect]} AND status IN (${success}, ${fail}) AND id > ? AND id < ? AND ${ENDPOINT_OF_APP}
        GROUP BY endpoint_id, status`,
      [endpointId, endpointId, above, below, endpointId, appId],
    );
    const found = (status: number) => Number(rows.find((row) => Number(row.status) === status)?.found ?? 0);
    return { success: found(success), fail: found(fail) };
  }

  /** Up to `count` applications of the tenant after `aboveId`, by id; of those in `only`, if it is given. */
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

  /** The applications that are known by these ids or uids: what was given → id. */
  async resolve(orgId: string, keys: readonly string[]): Promise<Map<string, string>> {
    const found = new Map<string, string>();
    const usable = keys.filter(isKey);
    for (let at = 0; at < usable.length; at += KEYS_PER_READ) {
      const some = In(usable.slice(at, at + KEYS_PER_READ));
      const rows = await this.dataSource.manager.find(Application, {
        select: { id: true, uid: true },
        where: [
          { orgId, deleted: false, id: some },
          { orgId, deleted: false, uid: some },
        ],
      });
      for (const { id, uid } of rows) {
        found.set(id, id);
        if (uid !== null) found.set(uid, id);
      }
    }
    return found;
  }

  /** The event types that each of these applications' endpoints ask for; null for all of them. */
  async subscriptions(appIds: readonly string[]): Promise<{ appId: string; eventTypes: string[] | null }[]> {
    if (appIds.length === 0) return [];
    return this.dataSource.manager
      .createQueryBuilder(Endpoint, 'e')
      .select(['e.id', 'e.appId', 'e.eventTypes'])
      .where('e.appId IN (:...appIds) AND e.deleted = :deleted', { appIds, deleted: false })
      .getMany();
  }

  /** Up to `count` ids of an application's messages, oldest first, and whether their payload is still there. */
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

  /** To how many endpoints these messages were sent, summed up; an endpoint counts once a message. */
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
