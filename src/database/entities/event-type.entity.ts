import { Column, Entity, PrimaryColumn } from 'typeorm';
import { json } from './column-types.js';

/** A type of events of an organisation. Its name is its key. */
@Entity('event_type')
export class EventType {
  @PrimaryColumn('varchar', { name: 'org_id' })
  orgId!: string;

  @PrimaryColumn('varchar')
  name!: string;

  @Column('text')
  description!: string;

  @Column('boolean')
  archived!: boolean;

  @Column('boolean')
  deprecated!: boolean;

  /** Version → JSON Schema, as the JSON text that the caller sent; null for none. */
  @Column('text', { name: 'json_schemas', nullable: true })
  schemas!: string | null;

  /** The first flag, for the previous release, which knows only one; null for none. */
  @Column('varchar', { name: 'feature_flag', nullable: true })
  featureFlag!: string | null;

  /** All flags; null for none. Read them with `flagsOf`. */
  @Column('text', { name: 'feature_flags', nullable: true, transformer: json })
  featureFlags!: string[] | null;

  /** The name of a group of types; null for none. */
  @Column('varchar', { name: 'group_name', nullable: true })
  groupName!: string | null;

  @Column('datetime', { name: 'created_at', precision: 3 })
  createdAt!: Date;

  @Column('datetime', { name: 'updated_at', precision: 3 })
  updatedAt!: Date;
}

/**
 * The flags of the type; null if it has none. A caller needs one of them to see the type. The list is valid only if it begins with
 * `featureFlag`. If not, the previous release, which writes only `featureFlag`, has changed the type.
 */
export function flagsOf({ featureFlag, featureFlags }: Pick<EventType, 'featureFlag' | 'featureFlags'>): string[] | null {
  if (featureFlag === null) return null;
  return featureFlags?.[0] === featureFlag ? featureFlags : [featureFlag];
}

/** Whether the holder of a token may know the type: an application (null: the organisation itself) needs one of its flags. */
export function isVisible(
  type: EventType,
  { appId, featureFlags }: { appId: string | null; featureFlags: readonly string[] },
): boolean {
  const flags = flagsOf(type);
  return flags === null || appId === null || flags.some((flag) => featureFlags.includes(flag));
}
