import { Injectable } from '@nestjs/common';
import { DataSource, In, type EntityManager } from 'typeorm';
import { entityTime, newId } from '../../domain/ids.js';
import type { IdWindow } from '../../domain/time-window.js';
import { differs } from '../differs.js';
import { EndpointEvents } from '../endpoint-events.js';
import { databaseTime } from '../database-clock.js';
import { Application } from '../entities/application.entity.js';
import { Endpoint } from '../entities/endpoint.entity.js';
import { EventType } from '../entities/event-type.entity.js';
import { isKey, applyWindow } from '../list-query.js';
import { Transactions } from '../transactions.js';

/** What a new endpoint is made of. */
export type NewEndpoint = Omit<Endpoint, 'id' | 'appId' | 'failingSince' | 'deleted' | 'updatedAt'>;

/** What may be changed of an endpoint. */
export type EndpointChanges = Partial<NewEndpoint & Pick<Endpoint, 'failingSince'>>;

/**
 * An application's endpoints.
 *
 * Every write first raises the application's `version` in its own transaction. That tells the caches of all processes that
 * what they hold is old, and its row lock makes the writes to the endpoints of one application take turns: what was read
 * behind it is still true when it is written. This process's own copy is dropped at once; the other processes are told by
 * whoever called.
 */
@Injectable()
export class EndpointRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly transactions: Transactions,
    private readonly events: EndpointEvents,
  ) {}

  async find(appId: string, idOrUid: string): Promise<Endpoint | null> {
    return findIn(this.dataSource.manager, appId, idOrUid);
  }

  /** Up to `count` endpoints of the window, in the order of its walk. */
  async list(appId: string, window: IdWindow, count: number): Promise<Endpoint[]> {
    const query = this.dataSource.manager
      .createQueryBuilder(Endpoint, 'e')
      .where('e.appId = :appId AND e.deleted = :deleted', { appId, deleted: false });
    return applyWindow(query, 'e.id', window, count).getMany();
  }

  /** The endpoints with these ids, the deleted ones included, by id. */
  async byIds(appId: string, ids: readonly string[]): Promise<Map<string, Endpoint>> {
    if (ids.length === 0) return new Map();
    const endpoints = await this.dataSource.manager.findBy(Endpoint, { appId, id: In(ids) });
    return new Map(endpoints.map((endpoint) => [endpoint.id, endpoint]));
  }

  /** Null if the application is gone; a duplicate-key error if its uid is taken. */
  async create(appId: string, endpoint: NewEndpoint): Promise<Endpoint | null> {
    return this.write(appId, (manager) => this.insertAndNotify(manager, appId, endpoint));
  }

  /**
   * Changes what `changesOf` says, and nothing where all of it is so already; null if there is no such endpoint. `changesOf` may be called more than once and must not
   * do anything but compute; what it throws undoes the transaction. The tenant is told of it, if it wants to be, unless `notify` is false.
   */
  async change(
    appId: string,
    idOrUid: string,
    changesOf: (current: Endpoint) => EndpointChanges,
    { notify = true } = {},
  ): Promise<Endpoint | null> {
    return this.write(appId, async (manager) => {
      const current = await findIn(manager, appId, idOrUid);
      if (!current) return null;
      return this.saveAndNotify(manager, current, changesOf(current), notify);
    });
  }

  /** Changes the endpoint, or makes it where there is none: two requests at once can't make it twice. Null if the application is gone. */
  async changeOrCreate(
    appId: string,
    idOrUid: string,
    changesOf: (current: Endpoint) => EndpointChanges,
    fresh: () => NewEndpoint,
  ): Promise<{ endpoint: Endpoint; created: boolean } | null> {
    return this.write(appId, async (manager) => {
      const current = await findIn(manager, appId, idOrUid);
      if (current) return { endpoint: await this.saveAndNotify(manager, current, changesOf(current)), created: false };
      return { endpoint: await this.insertAndNotify(manager, appId, fresh()), created: true };
    });
  }

  /** Deletes the endpoint and frees its uid; its row stays for the lists of what was sent. Null if there is no such endpoint. */
  async remove(appId: string, idOrUid: string): Promise<Endpoint | null> {
    return this.write(appId, async (manager) => {
      const current = await findIn(manager, appId, idOrUid);
      if (!current) return null;
      await manager.update(Endpoint, { appId, id: current.id }, { deleted: true, uid: null, updatedAt: new Date() });
      await this.events.store(manager, 'endpoint.deleted', current);
      return current;
    });
  }

  /** Which of the names are no event types of the tenant, or archived ones. */
  async missingEventTypes(orgId: string, names: readonly string[]): Promise<string[]> {
    if (names.length === 0) return [];
    const found = await this.dataSource.manager.find(EventType, {
      select: { name: true },
      where: { orgId, name: In(names), archived: false },
    });
    const known = new Set(found.map((type) => type.name));
    return names.filter((name) => !known.has(name));
  }

  private async insertAndNotify(manager: EntityManager, appId: string, endpoint: NewEndpoint): Promise<Endpoint> {
    const row = await insert(manager, appId, endpoint);
    await this.events.store(manager, 'endpoint.created', row);
    return row;
  }

  private async saveAndNotify(
    manager: EntityManager,
    current: Endpoint,
    changes: EndpointChanges,
    notify = true,
  ): Promise<Endpoint> {
    if (!differs(current, changes)) return current;
    const saved = await save(manager, current, changes);
    if (notify) await this.events.store(manager, 'endpoint.updated', saved);
    return saved;
  }

  private async write<T>(appId: string, work: (manager: EntityManager) => Promise<T>): Promise<T | null> {
    return this.transactions.write(async (manager) => ((await raiseVersion(manager, appId)) ? work(manager) : null));
  }
}

/** A uid never begins with `ep_`, so that one index answers. */
async function findIn(manager: EntityManager, appId: string, idOrUid: string): Promise<Endpoint | null> {
  if (!isKey(idOrUid)) return null;
  return manager.findOneBy(Endpoint, {
    appId,
    deleted: false,
    ...(idOrUid.startsWith('ep_') ? { id: idOrUid } : { uid: idOrUid }),
  });
}

/** The first statement of every write, so that all of them lock in the same order. False if the application is gone. */
async function raiseVersion(manager: EntityManager, appId: string): Promise<boolean> {
  const result = await manager
    .createQueryBuilder()
    .update(Application)
    .set({ version: () => 'version + 1' })
    .where({ id: appId, deleted: false })
    .execute();
  return result.affected === 1;
}

async function insert(manager: EntityManager, appId: string, endpoint: NewEndpoint): Promise<Endpoint> {
  // Polls begin at this time: it must not be ahead of the ids of messages that are made afterwards, in any process.
  const id = newId('ep_', await databaseTime(manager));
  const row = { ...endpoint, id, appId, failingSince: null, deleted: false, updatedAt: entityTime(id) };
  await manager.insert(Endpoint, row);
  return row;
}

async function save(manager: EntityManager, current: Endpoint, changes: EndpointChanges): Promise<Endpoint> {
  const changed = { ...changes, updatedAt: new Date() };
  await manager.update(Endpoint, { appId: current.appId, id: current.id }, changed);
  return { ...current, ...changed };
}
