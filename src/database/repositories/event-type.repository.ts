import { Injectable } from '@nestjs/common';
import { pageOfSizes, type ItemSize } from '../../domain/page.js';
import { DataSource, type EntityManager } from 'typeorm';
import { countRows, LimitReached, lockOrganization } from '../count-limit.js';
import { dialectOf, overlaps, useIndex } from '../dialect.js';
import { differs } from '../differs.js';
import { EventType, flagsOf } from '../entities/event-type.entity.js';
import { isDuplicateKey } from '../errors.js';
import { isKey, selectWithout, sizesIn } from '../list-query.js';
import { Transactions } from '../transactions.js';

/** The properties of an event type that callers give, besides its name. */
export type NewEventType = Pick<EventType, 'description' | 'archived' | 'deprecated' | 'schemas' | 'featureFlags' | 'groupName'>;

/** Some of these properties. An undefined one stays as it is. */
export type EventTypeChanges = Partial<NewEventType>;

/** Which event types to list. The list is sorted by name. */
export interface EventTypeQuery {
  limit: number;
  order: 'ascending' | 'descending';
  /** Start after this name, or with `backward` end before it. Null for the start of the list. */
  iterator: { name: string; backward: boolean } | null;
  includeArchived: boolean;
  /** The caller's flags. A type with flags is listed only if the caller has one of them. Null lists all types. */
  featureFlags: string[] | null;
}

/** SQL: the flags of the type `t` as a JSON list, for a type that has flags. The same rule as `flagsOf`. */
const FLAGS = `CASE WHEN INSTR(t.feature_flags, CONCAT('["', t.feature_flag, '"')) = 1 THEN t.feature_flags
  ELSE CONCAT('["', t.feature_flag, '"]') END`;

/** What can be large in a type besides its schemas. */
const LARGE = ['t.description', 't.featureFlags'];
const TYPES_PER_PAGE = 250;

/** The table `event_type`. Its key is organisation and name. Archived types stay in the table. */
@Injectable()
export class EventTypeRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly transactions: Transactions,
  ) {}

  /** The event type; null if there is none. Archived ones are found. */
  async find(orgId: string, name: string): Promise<EventType | null> {
    if (!isKey(name)) return null;
    return this.dataSource.manager.findOneBy(EventType, { orgId, name });
  }

  /**
   * The names and sizes of up to `limit + 1` types. With a backward iterator the order is reversed.
   *
   * @param want.schemas whether the schemas are read too
   */
  sizes(
    orgId: string,
    { limit, order, iterator, includeArchived, featureFlags }: EventTypeQuery,
    want: { schemas: boolean },
  ): Promise<ItemSize[]> {
    const ascending = (order === 'ascending') !== (iterator?.backward ?? false);
    const query = this.dataSource.manager.createQueryBuilder(EventType, 't').where('t.orgId = :orgId', { orgId });
    if (!includeArchived) query.andWhere('t.archived = :archived', { archived: false });
    if (iterator) query.andWhere(`t.name ${ascending ? '>' : '<'} :name`, { name: iterator.name });
    if (featureFlags) {
      const hasFlag = overlaps[dialectOf(this.dataSource)](FLAGS, ':flags');
      query.andWhere(`(t.featureFlag IS NULL OR ${hasFlag})`, { flags: JSON.stringify(featureFlags) });
    }
    query.orderBy('t.name', ascending ? 'ASC' : 'DESC').limit(limit + 1);
    return sizesIn(query, 't.name', want.schemas ? [...LARGE, 't.schemas'] : LARGE);
  }

  /** The types with these names, in this order. Without `want.schemas` they seem to have none. */
  async inOrder(orgId: string, names: readonly string[], want: { schemas: boolean }): Promise<EventType[]> {
    if (names.length === 0) return [];
    const query = this.dataSource.manager.createQueryBuilder(EventType, 't');
    if (!want.schemas) selectWithout(query, 'schemas');
    const rows = await query.where('t.orgId = :orgId AND t.name IN (:...names)', { orgId, names }).getMany();
    const byName = new Map(rows.map((row) => [row.name, want.schemas ? row : { ...row, schemas: null }]));
    return names.flatMap((name) => byName.get(name) ?? []);
  }

  /** All types of the organisation in pages, sorted by name. Archived ones are included. */
  async *pages(orgId: string): AsyncGenerator<EventType[]> {
    const all = { limit: TYPES_PER_PAGE, order: 'ascending', includeArchived: true, featureFlags: null } as const;
    for (let iterator: EventTypeQuery['iterator'] = null; ;) {
      const sizes = await this.sizes(orgId, { ...all, iterator }, { schemas: true });
      const { data: names, done } = pageOfSizes(sizes, TYPES_PER_PAGE, false);
      yield await this.inOrder(orgId, names, { schemas: true });
      if (done) return;
      iterator = { name: names.at(-1)!, backward: false };
    }
  }

  /**
   * Creates the type, or replaces an archived one. Null if it exists and is not archived. Throws LimitReached if the organisation has
   * `max` others.
   */
  async create(orgId: string, name: string, given: NewEventType, max: number): Promise<EventType | null> {
    const { eventType, outcome } = await this.write({ orgId, name }, given, max, (existing) => existing.archived);
    return outcome === 'kept' ? null : eventType;
  }

  /** Creates the type, or replaces it. Nothing is written if nothing would change. Throws LimitReached as `create` does. */
  async put(orgId: string, name: string, given: NewEventType, max: number): Promise<{ eventType: EventType; created: boolean }> {
    const { eventType, outcome } = await this.write({ orgId, name }, given, max, () => true);
    return { eventType, created: outcome === 'created' };
  }

  /** The type after the change; null if there is none. Nothing is written if nothing would change. */
  update(orgId: string, name: string, changes: EventTypeChanges): Promise<EventType | null> {
    return this.transactions.write(async (manager) => {
      const existing = await manager.findOneBy(EventType, { orgId, name });
      if (!existing || !wouldChange(existing, changes)) return existing;
      await manager.update(EventType, { orgId, name }, columns(changes, { updatedAt: new Date() }));
      return manager.findOneBy(EventType, { orgId, name });
    });
  }

  /** Deletes the row. */
  async expunge(orgId: string, name: string): Promise<void> {
    await this.transactions.write((manager) => manager.delete(EventType, { orgId, name }));
  }

  /** If another request has just created the type, the second try finds it. */
  private async write(key: EventTypeKey, given: NewEventType, max: number, replaces: (existing: EventType) => boolean) {
    try {
      return await this.writeOnce(key, given, max, replaces);
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      return this.writeOnce(key, given, max, replaces);
    }
  }

  private writeOnce(key: EventTypeKey, given: NewEventType, max: number, replaces: (existing: EventType) => boolean) {
    return this.transactions.write(async (manager) => {
      const existing = await manager.findOneBy(EventType, key);
      if (existing && !replaces(existing)) return { eventType: existing, outcome: 'kept' as const };
      if (existing && !wouldChange(existing, given)) return { eventType: existing, outcome: 'replaced' as const };
      const now = new Date();
      if (existing) await manager.update(EventType, key, columns(given, { updatedAt: now }));
      else {
        await lockOrganization(manager, key.orgId);
        assertRoomForTypes((await countTypes(manager, key.orgId)) + 1, max);
        await manager.insert(EventType, columns(given, { ...key, createdAt: now, updatedAt: now }));
      }
      const eventType = await manager.findOneByOrFail(EventType, key);
      return { eventType, outcome: existing ? ('replaced' as const) : ('created' as const) };
    });
  }
}

type EventTypeKey = Pick<EventType, 'orgId' | 'name'>;

/** The number of the organisation's types, with the archived ones. The caller has locked the organisation. */
export function countTypes(manager: EntityManager, orgId: string): Promise<number> {
  const table = `event_type ${useIndex(dialectOf(manager.connection), 'event_type_by_org')}`;
  return countRows(manager, `${table} WHERE org_id = ?`, [orgId]);
}

/** Throws LimitReached if `total` types are too many. */
export function assertRoomForTypes(total: number, max: number): void {
  if (total > max) throw new LimitReached('event types in this organisation', max, 'maxEventTypes');
}

/** Whether these changes would change the type. */
export function wouldChange(existing: EventType, changes: EventTypeChanges): boolean {
  return differs<NewEventType>({ ...existing, featureFlags: flagsOf(existing) }, changes);
}

/** The columns to write: the given properties, the first flag in a column of its own (see `flagsOf`), and `rest`. */
export function columns(changes: EventTypeChanges, rest: Partial<EventType>): Partial<EventType> {
  const { featureFlags } = changes;
  const featureFlag = featureFlags === undefined ? undefined : (featureFlags?.[0] ?? null);
  return { ...changes, featureFlag, ...rest };
}
