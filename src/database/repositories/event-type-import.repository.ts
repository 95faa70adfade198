import { Injectable } from '@nestjs/common';
import { DataSource, In, type EntityManager } from 'typeorm';
import { nextTurn } from '../../async/steps.js';
import { lockOrganization } from '../count-limit.js';
import { EventType, flagsOf } from '../entities/event-type.entity.js';
import { isDuplicateKey } from '../errors.js';
import {
  assertRoomForTypes,
  columns,
  countTypes,
  wouldChange,
  type EventTypeChanges,
  type NewEventType,
} from './event-type.repository.js';
import { chunked } from '../list-query.js';
import { Transactions } from '../transactions.js';

/** An event type to create or to change. Undefined properties stay as they are. */
export type ImportedEventType = EventTypeChanges & { name: string };

interface ImportOptions {
  dryRun?: boolean;
  archiveOthers?: boolean;
}

const DEFAULTS: NewEventType = {
  description: '',
  archived: false,
  deprecated: false,
  schemas: null,
  featureFlags: null,
  groupName: null,
};

/** A statement has thirteen variables for each row, and is made and read in one turn of the event loop. */
const ROWS_PER_STATEMENT = 100;
const CHARS_PER_STATEMENT = 262_144;
const NAMES_PER_READ = 500;

/** Writes many event types in one transaction, in steps. */
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
   * @param given each name once
   * @param max the most types that the organisation may have; throws LimitReached if it would have more
   * @param how.dryRun only returns the names
   * @param how.archiveOthers also archives all other types of the organisation
   */
  async putAll(orgId: string, given: readonly ImportedEventType[], max: number, how: ImportOptions = {}): Promise<string[]> {
    const work = () => this.transactions.write((manager) => write(manager, orgId, given, { ...how, max }));
    try {
      return await work();
    } catch (error) {
      // Another request has just created one of the types, so the next try finds it.
      if (!isDuplicateKey(error)) throw error;
      return work();
    }
  }
}

async function write(
  manager: EntityManager,
  orgId: string,
  given: readonly ImportedEventType[],
  { dryRun = false, archiveOthers = false, max }: ImportOptions & { max: number },
): Promise<string[]> {
  // Before any other statement: all transactions lock the organisation first.
  await lockOrganization(manager, orgId);
  const modified: string[] = [];
  let total: number | null = null;
  for (const some of groupsOf(given.toSorted((one, other) => (one.name < other.name ? -1 : 1)))) {
    const existing = await read(manager, orgId, some);
    const changed = some.filter(({ name, ...changes }) => {
      const known = existing.get(name);
      return !known || wouldChange(known, changes);
    });
    for (const { name } of changed) modified.push(name);
    const fresh = changed.filter(({ name }) => !existing.has(name)).length;
    if (fresh > 0) total = (total ?? (await countTypes(manager, orgId))) + fresh;
    assertRoomForTypes(total ?? 0, max);
    if (!dryRun) await writeGroup(manager, orgId, changed, existing);
    await nextTurn();
  }
  const others = archiveOthers ? await othersOf(manager, orgId, new Set(given.map(({ name }) => name))) : [];
  if (!dryRun) await archive(manager, orgId, others);
  return [...modified, ...others];
}

/** Groups that are small enough to be read and written in a few milliseconds. */
function groupsOf(types: readonly ImportedEventType[]): ImportedEventType[][] {
  const groups: ImportedEventType[][] = [];
  let chars = Infinity;
  for (const type of types) {
    const last = groups.at(-1);
    const more = (type.schemas?.length ?? 0) + (type.description?.length ?? 0);
    if (last && last.length < ROWS_PER_STATEMENT && chars + more < CHARS_PER_STATEMENT) last.push(type);
    else groups.push([type]);
    chars = groups.at(-1) === last ? chars + more : more;
  }
  return groups;
}

async function read(manager: EntityManager, orgId: string, types: readonly ImportedEventType[]): Promise<Map<string, EventType>> {
  const rows = await manager.findBy(EventType, { orgId, name: In(types.map(({ name }) => name)) });
  return new Map(rows.map((row) => [row.name, row]));
}

/** New types in one statement. Known ones too: they are written whole, with what does not change. */
async function writeGroup(
  manager: EntityManager,
  orgId: string,
  changed: readonly ImportedEventType[],
  existing: ReadonlyMap<string, EventType>,
): Promise<void> {
  const now = new Date();
  const fresh: Partial<EventType>[] = [];
  const known: Partial<EventType>[] = [];
  for (const { name, ...changes } of changed.toSorted((one, other) => (one.name < other.name ? -1 : 1))) {
    const current = existing.get(name);
    const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
    const before = current ? { ...current, featureFlags: flagsOf(current) } : DEFAULTS;
    const row = columns({ ...before, ...given }, { orgId, name, createdAt: current?.createdAt ?? now, updatedAt: now });
    (current ? known : fresh).push(row);
  }
  if (fresh.length > 0) await manager.createQueryBuilder().insert().into(EventType).values(fresh).updateEntity(false).execute();
  if (known.length === 0) return;
  const written = [
    'description',
    'archived',
    'deprecated',
    'json_schemas',
    'feature_flag',
    'feature_flags',
    'group_name',
    'updated_at',
  ];
  const insert = manager.createQueryBuilder().insert().into(EventType).values(known).updateEntity(false);
  await insert.orUpdate(written, ['org_id', 'name']).execute();
}

/** The names of the types that are neither given nor archived. */
async function othersOf(manager: EntityManager, orgId: string, given: ReadonlySet<string>): Promise<string[]> {
  const others: string[] = [];
  for (let above = ''; ;) {
    const rows: { name: string }[] = await manager
      .createQueryBuilder(EventType, 't')
      .select('t.name', 'name')
      .where('t.orgId = :orgId AND t.archived = :archived AND t.name > :above', { orgId, archived: false, above })
      .orderBy('t.name')
      .limit(NAMES_PER_READ)
      .getRawMany();
    for (const { name } of rows) if (!given.has(name)) others.push(name);
    if (rows.length < NAMES_PER_READ) return others;
    above = rows.at(-1)!.name;
    await nextTurn();
  }
}

async function archive(manager: EntityManager, orgId: string, names: readonly string[]): Promise<void> {
  for (const some of chunked(names, NAMES_PER_READ)) {
    await manager.update(EventType, { orgId, name: In(some) }, { archived: true, updatedAt: new Date() });
    await nextTurn();
  }
}
