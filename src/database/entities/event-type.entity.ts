import { Column, Entity, PrimaryColumn } from 'typeorm';
import { json } from './column-types.js';

/** A kind of event of the tenant, addressed by its name. */
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

  /** Version → JSON Schema, as the source text that its author wrote. */
  @Column('text', { name: 'json_schemas', nullable: true })
  schemas!: string | null;

  /** The first of the flags, for the release before this one; null for none. */
  @Column('varchar', { name: 'feature_flag', nullable: true })
  featureFlag!: string | null;

  /** All of them, see `flagsOf`. */
  @Column('text', { name: 'feature_flags', nullable: true, transformer: json })
  featureFlags!: string[] | null;

  /** What it is shown under, together with others. */
  @Column('varchar', { name: 'group_name', nullable: true })
  groupName!: string | null;

  @Column('datetime', { name: 'created_at', precision: 3 })
  createdAt!: Date;

  @Column('datetime', { name: 'updated_at', precision: 3 })
  updatedAt!: Date;
}

/**
 * One of these flags is needed to see the type; null if none is. The list counts as long as it begins with the first flag: the release
 * before this one knows only that, and may have changed it.
 */
export function flagsOf({ featureFlag, featureFlags }: Pick<EventType, 'featureFlag' | 'featureFlags'>): string[] | null {
  if (featureFlag === null) return null;
  return featureFlags?.[0] === featureFlag ? featureFlags : [featureFlag];
}
