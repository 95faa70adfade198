import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { newId } from '../../domain/ids.js';
import type { IdWindow } from '../../domain/time-window.js';
import { Application } from '../entities/application.entity.js';
import { Endpoint } from '../entities/endpoint.entity.js';
import { differs } from '../differs.js';
import { isDuplicateKey } from '../errors.js';
import { isKey, applyWindow } from '../list-query.js';
import { Transactions } from '../transactions.js';

/** The properties of an application that callers give. */
export type NewApplication = Pick<Application, 'name' | 'uid' | 'throttleRate' | 'metadata'>;

/** Some of these properties. An undefined one stays as it is. */
export type ApplicationChanges = Partial<NewApplication>;

/** Which applications to list, by their endpoints; deleted ones don't count. */
export interface ApplicationFilter {
  /** Only those that have an endpoint. */
  withEndpoints: boolean;
  /** None whose endpoints are all disabled. One that has none is not meant. */
  withoutAllDisabled: boolean;
}

/**
 * Whether the application `a` has such endpoints: an id, or NULL. Each is a look into the index by application. As EXISTS it would be
 * a join to MySQL and MariaDB, which they may begin with the endpoints of everybody.
 */
const AN_ENDPOINT = '(SELECT e.id FROM endpoint e WHERE e.app_id = a.id AND e.deleted = 0 LIMIT 1)';
const AN_ENABLED_ENDPOINT = '(SELECT e.id FROM endpoint e WHERE e.app_id = a.id AND e.deleted = 0 AND e.disabled = 0 LIMIT 1)';

/**
 * The table `application`. Removed ones stay as rows that nothing finds.
 *
 * Every write raises `version`, by which the other processes notice that their copy is old. Where an application and its
 * endpoints are written together, the application's row is locked first. A taken uid is a duplicate key: see `isDuplicateKey`.
 */
@Injectable()
export class ApplicationRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly transactions: Transactions,
  ) {}

  /** The application with this id or uid, null if the tenant has none. */
  async find(orgId: string, idOrUid: string): Promise<Application | null> {
    if (!isKey(idOrUid)) return null;
    const key = idOrUid.startsWith('app_') ? { id: idOrUid } : { uid: idOrUid };
    return this.dataSource.manager.findOneBy(Application, { ...key, orgId, deleted: false });
  }

  /** Up to `count` of the tenant's applications, in the order of the walk. */
  async list(orgId: string, window: IdWindow, count: number, filter: ApplicationFilter): Promise<Application[]> {
    const query = this.dataSource.manager
      .createQueryBuilder(Application, 'a')
      .where('a.orgId = :orgId AND a.deleted = :deleted', { orgId, deleted: false });
    if (filter.withEndpoints) query.andWhere(`${AN_ENDPOINT} IS NOT NULL`);
    if (filter.withoutAllDisabled) query.andWhere(`(${AN_ENABLED_ENDPOINT} IS NOT NULL OR ${AN_ENDPOINT} IS NULL)`);
    return applyWindow(query, 'a.id', window, count).getMany();
  }

  async create(orgId: string, given: NewApplication): Promise<Application> {
    const id = newId('app_');
    const row = { ...given, id, orgId, version: 1, deleted: false, updatedAt: new Date() };
    await this.transactions.write((manager) => manager.insert(Application, row));
    return this.dataSource.manager.create(Application, row);
  }

  /** The application that has the uid already, as it is, or else a new one. Of two that come at once, one creates. */
  async getIfExists(orgId: string, given: NewApplication): Promise<{ application: Application; created: boolean }> {
    const existing = await this.findByUid(orgId, given.uid);
    if (existing) return { application: existing, created: false };
    try {
      return { application: await this.create(orgId, given), created: true };
    } catch (error) {
      const winner = isDuplicateKey(error) ? await this.findByUid(orgId, given.uid) : null;
      if (!winner) throw error;
      return { application: winner, created: false };
    }
  }

  /** The application after the change, null if there is none with this id. What changes nothing is not written. */
  update(orgId: string, id: string, changes: ApplicationChanges): Promise<Application | null> {
    return this.transactions.write(async (manager) => {
      const current = await manager.findOneBy(Application, { id, orgId, deleted: false });
      if (!current || !differs(current, changes)) return current;
      const set = { ...changes, updatedAt: new Date(), version: () => 'version + 1' };
      await manager.update(Application, { id, orgId, deleted: false }, set);
      return manager.findOneBy(Application, { id, orgId, deleted: false });
    });
  }

  /** Removes it with its endpoints, and frees their uids. */
  async remove(orgId: string, id: string): Promise<void> {
    await this.transactions.write(async (manager) => {
      if (!(await manager.existsBy(Application, { id, orgId }))) return;
      const gone = { deleted: true, uid: null, updatedAt: new Date() };
      await manager.update(Application, { id, orgId, deleted: false }, { ...gone, version: () => 'version + 1' });
      await manager.update(Endpoint, { appId: id, deleted: false }, gone);
    });
  }

  private async findByUid(orgId: string, uid: string | null): Promise<Application | null> {
    return uid === null ? null : this.find(orgId, uid);
  }
}
