import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { dialectOf, overlaps } from '../dialect.js';
import { differs } from '../differs.js';
import { EventType, flagsOf } from '../entities/event-type.entity.js';
import { isDuplicateKey } from '../errors.js';
import { isKey } from '../list-query.js';
import { Transactions } from '../transactions.js';

/** The properties of an event type that callers give, besides its name. */
export type NewEventType = Pick<EventType, 'description' | 'archived' | 'deprecated' | 'schemas' | 'featureFlags' | 'groupName'>;

/** Some of these properties. An undefined one stays as it is. */
export type EventTypeChanges = Partial<NewEventType>;

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

/** The flags of the type `t` as a JSON list: what `flagsOf` says, for one that has some. */
const FLAGS = `CASE WHEN INSTR(t.feature_flags, CONCAT('["', t.feature_flag, '"')) = 1 THEN t.feature_flags
  ELSE CONCAT('["', t.feature_flag, '"]') END`;

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
    const query = this.dataSource.manager.createQueryBuilder(EventType, 't').where('t.orgId = :orgId', { orgId });
    if (!includeArchived) query.andWhere('t.archived = :archived', { archived: false });
    if (iterator) query.andWhere(`t.name ${upward ? '>' : '<'} :name`, { name: iterator.name });
    if (featureFlags) {
      const known = overlaps[dialectOf(this.dataSource)](FLAGS, ':flags');
      query.andWhere(`(t.featureFlag IS NULL OR ${known})`, { flags: JSON.stringify(featureFlags) });
    }
    return query
      .orderBy('t.name', upward ? 'ASC' : 'DESC')
      .limit(limit + 1)
      .getMany();
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
      if (!existing || !wouldChange(existing, changes)) return existing;
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
      if (existing && !wouldChange(existing, given)) return { eventType: existing, outcome: 'replaced' as const };
      const now = new Date();
      if (existing) await manager.update(EventType, key, columns(given, { updatedAt: now }));
      else await manager.insert(EventType, columns(given, { ...key, createdAt: now, updatedAt: now }));
      const eventType = await manager.findOneByOrFail(EventType, key);
      return { eventType, outcome: existing ? ('replaced' as const) : ('created' as const) };
    });
  }
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
