import { Injectable } from '@nestjs/common';
import { DataSource, In, type EntityManager } from 'typeorm';
import { entityTime, newId } from '../../domain/ids.js';
import type { ItemSize } from '../../domain/page.js';
import type { IdWindow } from '../../domain/time-window.js';
import { countRows, LimitReached } from '../count-limit.js';
import { differs } from '../differs.js';
import { EndpointEvents } from '../endpoint-events.js';
import { databaseTime } from '../database-clock.js';
import { Application } from '../entities/application.entity.js';
import { Endpoint } from '../entities/endpoint.entity.js';
import { EventType, flagsOf } from '../entities/event-type.entity.js';
import { chunked, isKey, applyWindow, sizesIn } from '../list-query.js';
import { Transactions } from '../transactions.js';

/** Databases limit the variables of a statement: SQLite has 32,766. */
const NAMES_PER_READ = 1_000;

/** What can be large in an endpoint. Answers have the event types twice. */
const LARGE = ['e.eventTypes', 'e.eventTypes', 'e.description', 'e.metadata'];

/** The properties of a new endpoint. */
export type NewEndpoint = Omit<
  Endpoint,
  'id' | 'appId' | 'disabledAt' | 'disabledBecause' | 'failingSince' | 'deleted' | 'updatedAt'
>;

/** The properties of an endpoint that may change. */
export type EndpointChanges = Partial<NewEndpoint & Pick<Endpoint, 'failingSince'>>;

/**
 * The table `endpoint`.
 *
 * Every write increments the application's `version` first, in the same transaction. So all processes notice that their cached copy is old.
 * It also locks the application's row, so writes to endpoints of one application run one after the other, and what a write has read does
 * not change before it writes. The caller must tell the caches about the change, see CacheInvalidation. If a uid belongs to another
 * endpoint of the application, a write throws a duplicate-key error (`isDuplicateKey`).
 */
@Injectable()
export class EndpointRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly transactions: Transactions,
    private readonly events: EndpointEvents,
  ) {}

  /** The endpoint with this id or uid; null if the application has none. */
  async find(appId: string, idOrUid: string): Promise<Endpoint | null> {
    return findIn(this.dataSource.manager, appId, idOrUid);
  }

  /** The sizes of up to `count` endpoints, in the window's order of reading. Each of them can have thousands of event types. */
  async sizes(appId: string, window: IdWindow, count: number): Promise<ItemSize[]> {
    const endpoints = this.select().where('e.appId = :appId AND e.deleted = :deleted', { appId, deleted: false });
    return sizesIn(applyWindow(endpoints, 'e.id', window, count), 'e.id', LARGE);
  }

  /** The sizes of the endpoints with these ids, by id. */
  async sizesOf(appId: string, ids: readonly string[]): Promise<Map<string, number>> {
    if (ids.length === 0) return new Map();
    const endpoints = this.select().where('e.appId = :appId AND e.id IN (:...ids)', { appId, ids });
    return new Map((await sizesIn(endpoints, 'e.id', LARGE)).map(({ id, bytes }) => [id, bytes]));
  }

  /** The endpoints with these ids, in this order. */
  async inOrder(appId: string, ids: readonly string[]): Promise<Endpoint[]> {
    const endpoints = await this.byIds(appId, ids);
    return ids.flatMap((id) => endpoints.get(id) ?? []);
  }

  /** The endpoints with these ids, by id. Deleted ones are included. */
  async byIds(appId: string, ids: readonly string[]): Promise<Map<string, Endpoint>> {
    if (ids.length === 0) return new Map();
    const endpoints = await this.dataSource.manager.findBy(Endpoint, { appId, id: In(ids) });
    return new Map(endpoints.map((endpoint) => [endpoint.id, endpoint]));
  }

  /**
   * Inserts an endpoint with a new id, which its secrets are bound to. Null if the application was deleted.
   * Throws LimitReached if it has `max` already.
   */
  async create(appId: string, newEndpoint: (id: string) => NewEndpoint, max: number): Promise<Endpoint | null> {
    return this.write(appId, (manager) => this.insertAndNotify(manager, appId, newEndpoint, max));
  }

  /**
   * Changes an endpoint. Nothing is written if nothing would change. Null if there is no such endpoint.
   *
   * @param changesOf computes the changes. It may be called more than once, so it must have no side effects. An error rolls back.
   * @param options.notify whether to store the operational event `endpoint.updated`
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

  /**
   * Changes the endpoint as `change` does, or inserts it if there is none. Two calls at the same time can't insert it twice. Null if the
   * application was deleted.
   */
  async changeOrCreate(
    appId: string,
    idOrUid: string,
    changesOf: (current: Endpoint) => EndpointChanges,
    newEndpoint: (id: string) => NewEndpoint,
    max: number,
  ): Promise<{ endpoint: Endpoint; created: boolean } | null> {
    return this.write(appId, async (manager) => {
      const current = await findIn(manager, appId, idOrUid);
      if (current) return { endpoint: await this.saveAndNotify(manager, current, changesOf(current)), created: false };
      return { endpoint: await this.insertAndNotify(manager, appId, newEndpoint, max), created: true };
    });
  }

  /**
   * Deletes the endpoint; its uid can be used again. The row stays, because lists of messages and attempts show it. Null if there is no
   * such endpoint.
   */
  async remove(appId: string, idOrUid: string): Promise<Endpoint | null> {
    return this.write(appId, async (manager) => {
      const current = await findIn(manager, appId, idOrUid);
      if (!current) return null;
      await manager.update(Endpoint, { appId, id: current.id }, { deleted: true, uid: null, updatedAt: new Date() });
      await this.events.store(manager, 'endpoint.deleted', current);
      return current;
    });
  }

  /**
   * Those of the names that are not event types of the organisation, are archived, or are hidden from a caller with these feature flags.
   *
   * @param flags those of the caller's token; null if it sees all event types
   */
  async missingEventTypes(orgId: string, names: readonly string[], flags: readonly string[] | null): Promise<string[]> {
    const known = new Set<string>();
    for (const some of chunked(names, NAMES_PER_READ)) {
      // Raw rows: TypeORM would need a multiple of the time for ten thousand entities.
      const found: EventTypeName[] = await this.dataSource.manager
        .createQueryBuilder(EventType, 't')
        .select(['t.name AS name', 't.featureFlag AS one', 't.featureFlags AS several'])
        .where({ orgId, name: In(some), archived: false })
        .getRawMany();
      for (const row of found) if (flags === null || isVisible(row, flags)) known.add(row.name);
    }
    return names.filter((name) => !known.has(name));
  }

  private async insertAndNotify(
    manager: EntityManager,
    appId: string,
    newEndpoint: (id: string) => NewEndpoint,
    max: number,
  ): Promise<Endpoint> {
    // The application is locked, so no other endpoint comes meanwhile.
    const found = await countRows(manager, 'endpoint WHERE app_id = ? AND deleted = 0', [appId]);
    if (found >= max) throw new LimitReached('endpoints in this application', max, 'maxEndpointsPerApp');
    const row = await insert(manager, appId, newEndpoint);
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

  private select() {
    return this.dataSource.manager.createQueryBuilder(Endpoint, 'e');
  }
}

interface EventTypeName {
  name: string;
  /** Of its feature flags: the first one, and all of them as JSON. */
  one: string | null;
  several: string | null;
}

function isVisible({ one, several }: EventTypeName, flags: readonly string[]): boolean {
  const needed = flagsOf({ featureFlag: one, featureFlags: several === null ? null : (JSON.parse(several) as string[]) });
  return needed === null || needed.some((flag) => flags.includes(flag));
}

/** A uid never begins with `ep_`, so one look-up in one index is enough. */
async function findIn(manager: EntityManager, appId: string, idOrUid: string): Promise<Endpoint | null> {
  if (!isKey(idOrUid)) return null;
  return manager.findOneBy(Endpoint, {
    appId,
    deleted: false,
    ...(idOrUid.startsWith('ep_') ? { id: idOrUid } : { uid: idOrUid }),
  });
}

/** The first statement of every write, so that all writes lock rows in the same order. False if the application was deleted. */
async function raiseVersion(manager: EntityManager, appId: string): Promise<boolean> {
  const result = await manager
    .createQueryBuilder()
    .update(Application)
    .set({ version: () => 'version + 1' })
    .where({ id: appId, deleted: false })
    .execute();
  return result.affected === 1;
}

async function insert(manager: EntityManager, appId: string, newEndpoint: (id: string) => NewEndpoint): Promise<Endpoint> {
  // Polling starts at the time in this id, so it must not be later than the ids of messages that any process makes afterwards.
  const id = newId('ep_', await databaseTime(manager));
  const made = newEndpoint(id);
  const since = switched(made.disabled, entityTime(id));
  const row = { ...made, ...since, id, appId, failingSince: null, deleted: false, updatedAt: entityTime(id) };
  await manager.insert(Endpoint, row);
  return row;
}

async function save(manager: EntityManager, current: Endpoint, changes: EndpointChanges): Promise<Endpoint> {
  const now = new Date();
  const isSwitched = changes.disabled !== undefined && changes.disabled !== current.disabled;
  const since = isSwitched ? switched(changes.disabled!, now) : {};
  const changed = { ...changes, ...since, updatedAt: now };
  await manager.update(Endpoint, { appId: current.appId, id: current.id }, changed);
  return { ...current, ...changed };
}

/** What is stored of a request that disables the endpoint, or enables it. */
function switched(disabled: boolean, now: Date): Pick<Endpoint, 'disabledAt' | 'disabledBecause'> {
  return disabled ? { disabledAt: now, disabledBecause: 'request' } : { disabledAt: null, disabledBecause: null };
}
