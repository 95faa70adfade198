import { Injectable } from '@nestjs/common';
import { DataSource, In, IsNull, LessThan, MoreThan, type FindOptionsWhere } from 'typeorm';
import { EventType } from './entities/event-type.entity.js';
import { differs } from './differs.js';
import { isDuplicateKey } from './errors.js';
import { isKey } from './list-query.js';
import { Transactions } from './transactions.js';

/** What a caller says of an event type. */
export interface NewEventType {
  description: string;
  archived: boolean;
  deprecated: boolean;
  /** Version → JSON Schema, as source text. */
  schemas: string | null;
  featureFlag: string | null;
}

/** Some of it; undefined leaves a property as it is. */
export type EventTypeChanges = { [Property in keyof NewEventType]?: NewEventType[Property] | undefined };

/** Which event types to list, by name. */
export interface EventTypeQuery {
  limit: number;
  order: 'ascending' | 'descending';
  /** Go on after this name, or stop before it; null for the start. */
  iterator: { name: string; backward: boolean } | null;
  includeArchived: boolean;
  /** Flags of the caller: flagged types are visible only with their flag. Null: everything is visible. */
  featureFlags: string[] | null;
}

/** The table `event_type`: keyed by tenant and name, archived ones stay visible to whoever asks for them. */
@Injectable()
export class EventTypeRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly transactions: Transactions,
  ) {}

  async find(orgId: string, name: string): Promise<EventType | null> {
    if (!isKey(name)) return null;
    return this.dataSource.manager.findOneBy(EventType, { orgId, name });
  }

  /** Up to `limit + 1` types in the order of the walk, which goes against the list's for a backward iterator. */
  list(orgId: string, { limit, order, iterator, includeArchived, featureFlags }: EventTypeQuery): Promise<EventType[]> {
    const upward = (order === 'ascending') !== (iterator?.backward ?? false);
    const where: FindOptionsWhere<EventType> = { orgId };
    if (!includeArchived) where.archived = false;
    if (iterator) where.name = upward ? MoreThan(iterator.name) : LessThan(iterator.name);
    const visible = featureFlags && [
      { ...where, featureFlag: IsNull() },
      { ...where, featureFlag: In(featureFlags.filter(isKey)) },
    ];
    return this.dataSource.manager.find(EventType, {
      where: visible ?? where,
      order: { name: upward ? 'ASC' : 'DESC' },
      take: limit + 1,
    });
  }

  /** Makes the type, or an archived one anew. Null if it is there and alive. */
  async create(orgId: string, name: string, given: NewEventType): Promise<EventType | null> {
    const { eventType, outcome } = await this.write(orgId, name, given, (existing) => existing.archived);
    return outcome === 'kept' ? null : eventType;
  }

  /** Makes the type, or replaces what is there, unless it is so already. */
  async put(orgId: string, name: string, given: NewEventType): Promise<{ eventType: EventType; created: boolean }> {
    const { eventType, outcome } = await this.write(orgId, name, given, () => true);
    return { eventType, created: outcome === 'created' };
  }

  /** The type after the change, null if there is none. What changes nothing is not written. */
  update(orgId: string, name: string, changes: EventTypeChanges): Promise<EventType | null> {
    return this.transactions.write(async (manager) => {
      const existing = await manager.findOneBy(EventType, { orgId, name });
      if (!existing || !differs(existing, changes)) return existing;
      await manager.update(EventType, { orgId, name }, columns(changes, { updatedAt: new Date() }));
      return manager.findOneBy(EventType, { orgId, name });
    });
  }

  async expunge(orgId: string, name: string): Promise<void> {
    await this.transactions.write((manager) => manager.delete(EventType, { orgId, name }));
  }

  /** A second try meets the row that won the race for the name. */
  private async write(orgId: string, name: string, given: NewEventType, replaces: (existing: EventType) => boolean) {
    try {
      return await this.writeOnce(orgId, name, given, replaces);
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      return this.writeOnce(orgId, name, given, replaces);
    }
  }

  private writeOnce(orgId: string, name: string, given: NewEventType, replaces: (existing: EventType) => boolean) {
    return this.transactions.write(async (manager) => {
      const key = { orgId, name };
      const existing = await manager.findOneBy(EventType, key);
      if (existing && !replaces(existing)) return { eventType: existing, outcome: 'kept' as const };
      if (existing && !differs(existing, given)) return { eventType: existing, outcome: 'replaced' as const };
      const now = new Date();
      if (existing) await manager.update(EventType, key, columns(given, { updatedAt: now }));
      else await manager.insert(EventType, columns(given, { ...key, createdAt: now, updatedAt: now }));
      const eventType = await manager.findOneByOrFail(EventType, key);
      return { eventType, outcome: existing ? ('replaced' as const) : ('created' as const) };
    });
  }
}

/** TypeORM's own type of a row can't express JSON of unknown shape, hence `object`. */
function columns(
  { description, archived, deprecated, schemas, featureFlag }: EventTypeChanges,
  rest: Partial<EventType>,
): object {
  return { description, archived, deprecated, schemas, featureFlag, ...rest };
}
