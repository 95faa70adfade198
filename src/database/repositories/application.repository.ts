import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { newId } from '../../domain/ids.js';
import type { IdWindow } from '../../domain/time-window.js';
import { Application } from '../entities/application.entity.js';
import { Endpoint } from '../entities/endpoint.entity.js';
import { countRows, LimitReached, lockOrganization } from '../count-limit.js';
import { differs } from '../differs.js';
import { isDuplicateKey } from '../errors.js';
import { isKey, applyWindow } from '../list-query.js';
import { Transactions } from '../transactions.js';

/** The properties of an application that callers give. */
export type NewApplication = Pick<Application, 'name' | 'uid' | 'throttleRate' | 'metadata'>;

/** Some of these properties. An undefined one stays as it is. */
export type ApplicationChanges = Partial<NewApplication>;

/** Filters of the list of applications, by their endpoints. Deleted endpoints are ignored. */
export interface ApplicationFilter {
  /** Leaves out applications without endpoints. */
  withEndpoints: boolean;
  /** Leaves out applications that have endpoints, all of them disabled. */
  withoutAllDisabled: boolean;
}

/**
 * SQL: the id of one such endpoint of the application `a`, or NULL. Each is one look-up in the index by application. MySQL and MariaDB
 * would turn EXISTS into a join, and might begin it with the endpoints of all applications.
 */
const AN_ENDPOINT = '(SELECT e.id FROM endpoint e WHERE e.app_id = a.id AND e.deleted = 0 LIMIT 1)';
const AN_ENABLED_ENDPOINT = '(SELECT e.id FROM endpoint e WHERE e.app_id = a.id AND e.deleted = 0 AND e.disabled = 0 LIMIT 1)';

/**
 * The table `application`. Deleted applications stay as rows with `deleted`, which no method returns.
 *
 * Every change increments `version`, so that other processes notice that their cached copy is old. A transaction that writes an
 * application and its endpoints locks the application first. If a uid belongs to another application, a write throws a duplicate-key error
 * (`isDuplicateKey`).
 */
@Injectable()
export class ApplicationRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly transactions: Transactions,
  ) {}

  /** The application with this id or uid; null if the organisation has none. */
  async find(orgId: string, idOrUid: string): Promise<Application | null> {
    if (!isKey(idOrUid)) return null;
    const key = idOrUid.startsWith('app_') ? { id: idOrUid } : { uid: idOrUid };
    return this.dataSource.manager.findOneBy(Application, { ...key, orgId, deleted: false });
  }

  /** Up to `count` applications of the organisation, in the window's order of reading. */
  async list(orgId: string, window: IdWindow, count: number, filter: ApplicationFilter): Promise<Application[]> {
    const query = this.dataSource.manager
      .createQueryBuilder(Application, 'a')
      .where('a.orgId = :orgId AND a.deleted = :deleted', { orgId, deleted: false });
    if (filter.withEndpoints) query.andWhere(`${AN_ENDPOINT} IS NOT NULL`);
    if (filter.withoutAllDisabled) query.andWhere(`(${AN_ENABLED_ENDPOINT} IS NOT NULL OR ${AN_ENDPOINT} IS NULL)`);
    return applyWindow(query, 'a.id', window, count).getMany();
  }

  /** Inserts an application with a new id. Throws LimitReached if the organisation has `max` already; null for any number. */
  async create(orgId: string, given: NewApplication, max: number | null): Promise<Application> {
    const id = newId('app_');
    const row = { ...given, id, orgId, version: 1, deleted: false, updatedAt: new Date() };
    await this.transactions.write(async (manager) => {
      if (max !== null) await assertRoom(manager, orgId, max);
      await manager.insert(Application, row);
    });
    return this.dataSource.manager.create(Application, row);
  }

  /** The application that has this uid, unchanged, or a new one. Of two calls at the same time only one creates it. */
  async getIfExists(
    orgId: string,
    given: NewApplication,
    max: number | null,
  ): Promise<{ application: Application; created: boolean }> {
    const existing = await this.findByUid(orgId, given.uid);
    if (existing) return { application: existing, created: false };
    try {
      return { application: await this.create(orgId, given, max), created: true };
    } catch (error) {
      const other = isDuplicateKey(error) ? await this.findByUid(orgId, given.uid) : null;
      if (!other) throw error;
      return { application: other, created: false };
    }
  }

  /** The application after the change; null if there is none with this id. Nothing is written if nothing would change. */
  update(orgId: string, id: string, changes: ApplicationChanges): Promise<Application | null> {
    return this.transactions.write(async (manager) => {
      const current = await manager.findOneBy(Application, { id, orgId, deleted: false });
      if (!current || !differs(current, changes)) return current;
      const set = { ...changes, updatedAt: new Date(), version: () => 'version + 1' };
      await manager.update(Application, { id, orgId, deleted: false }, set);
      return manager.findOneBy(Application, { id, orgId, deleted: false });
    });
  }

  /** Deletes the application and its endpoints. Their uids can be used again. */
  async remove(orgId: string, id: string): Promise<void> {
    await this.transactions.write(async (manager) => {
      if (!(await manager.existsBy(Application, { id, orgId }))) return;
      const deletion = { deleted: true, uid: null, updatedAt: new Date() };
      await manager.update(Application, { id, orgId, deleted: false }, { ...deletion, version: () => 'version + 1' });
      await manager.update(Endpoint, { appId: id, deleted: false }, deletion);
    });
  }

  private async findByUid(orgId: string, uid: string | null): Promise<Application | null> {
    return uid === null ? null : this.find(orgId, uid);
  }
}

async function assertRoom(manager: EntityManager, orgId: string, max: number): Promise<void> {
  await lockOrganization(manager, orgId);
  const found = await countRows(manager, 'application WHERE org_id = ? AND deleted = 0', [orgId]);
  if (found >= max) throw new LimitReached('applications in this organisation', max, 'maxApps');
}
