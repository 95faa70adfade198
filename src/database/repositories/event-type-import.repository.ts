import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { EventType } from '../entities/event-type.entity.js';
import { isDuplicateKey } from '../errors.js';
import { columns, wouldChange, type EventTypeChanges, type NewEventType } from './event-type.repository.js';
import { Transactions } from '../transactions.js';

/** An event type to be there afterwards; what is not said stays as it is. */
export type ImportedEventType = EventTypeChanges & { name: string };

const DEFAULTS: NewEventType = {
  description: '',
  archived: false,
  deprecated: false,
  schemas: null,
  featureFlags: null,
  groupName: null,
};

/** Event types by the dozen: all of them in one transaction, or none. */
@Injectable()
export class EventTypeImportRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly transactions: Transactions,
  ) {}

  /**
   * Makes and changes types so that they are as given; what is as given already is not touched. Returns the names of those that
   * were changed, or with `dryRun` would be.
   *
   * @param how.archiveOthers also archives the tenant's types that are not given
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
      // Somebody else made one of them at the same time: it is there now.
      if (!isDuplicateKey(error)) throw error;
      return work();
    }
  }

  /** All of the tenant's types by name, archived ones too. */
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
    ? [...existing.values()].filter(({ name, archived }) => !archived && !given.some((one) => one.name === name))
    : [];
  const wanted = [...given, ...others.map(({ name }) => ({ name, archived: true }))];
  const changed = wanted.filter(({ name, ...said }) => {
    const known = existing.get(name);
    return !known || wouldChange(known, said);
  });
  if (dryRun) return changed.map(({ name }) => name);
  for (const { name, ...said } of changed) {
    const now = new Date();
    if (existing.has(name)) await manager.update(EventType, { orgId, name }, columns(said, { updatedAt: now }));
    else await manager.insert(EventType, columns({ ...DEFAULTS, ...said }, { orgId, name, createdAt: now, updatedAt: now }));
  }
  return changed.map(({ name }) => name);
}
