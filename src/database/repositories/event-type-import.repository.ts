import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { EventType } from '../entities/event-type.entity.js';
import { isDuplicateKey } from '../errors.js';
import { columns, wouldChange, type EventTypeChanges, type NewEventType } from './event-type.repository.js';
import { Transactions } from '../transactions.js';

/** An event type to create or to change. Undefined properties stay as they are. */
export type ImportedEventType = EventTypeChanges & { name: string };

const DEFAULTS: NewEventType = {
  description: '',
  archived: false,
  deprecated: false,
  schemas: null,
  featureFlags: null,
  groupName: null,
};

/** Writes many event types in one transaction. */
@Injectable()
export class EventTypeImportRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly transactions: Transactions,
  ) {}

  /**
   * Creates the given types, or changes them if they exist. Types that would not change are not written. Returns the names of those that
   * were changed.
   *
   * @param how.dryRun only returns the names
   * @param how.archiveOthers also archives all other types of the organisation
   */
  async putAll(
    orgId: string,
    given: readonly ImportedEventType[],
    how: { dryRun?: boolean; archiveOthers?: boolean } = {},
  ): Promise<string[]> {
    const work = () => this.transactions.write((manager) => write(manager, orgId, given, how));
    try {
      return await work();
    } catch (error) {
      // Another request has just created one of the types, so the next try finds it.
      if (!isDuplicateKey(error)) throw error;
      return work();
    }
  }

  /** All types of the organisation, sorted by name. Archived ones are included. */
  all(orgId: string): Promise<EventType[]> {
    return this.dataSource.manager.find(EventType, { where: { orgId }, order: { name: 'ASC' } });
  }
}

async function write(
  manager: EntityManager,
  orgId: string,
  given: readonly ImportedEventType[],
  { dryRun = false, archiveOthers = false }: { dryRun?: boolean; archiveOthers?: boolean },
): Promise<string[]> {
  const existing = new Map((await manager.findBy(EventType, { orgId })).map((type) => [type.name, type]));
  const others = archiveOthers
    ? [...existing.values()].filter(({ name, archived }) => !archived && !given.some((type) => type.name === name))
    : [];
  const targets = [...given, ...others.map(({ name }) => ({ name, archived: true }))];
  const changed = targets.filter(({ name, ...changes }) => {
    const known = existing.get(name);
    return !known || wouldChange(known, changes);
  });
  if (dryRun) return changed.map(({ name }) => name);
  for (const { name, ...changes } of changed) {
    const now = new Date();
    if (existing.has(name)) await manager.update(EventType, { orgId, name }, columns(changes, { updatedAt: now }));
    else await manager.insert(EventType, columns({ ...DEFAULTS, ...changes }, { orgId, name, createdAt: now, updatedAt: now }));
  }
  return changed.map(({ name }) => name);
}
