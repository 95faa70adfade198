import { Column, Entity, PrimaryColumn } from 'typeorm';

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

  @Column('varchar', { name: 'feature_flag', nullable: true })
  featureFlag!: string | null;

  @Column('datetime', { name: 'created_at', precision: 3 })
  createdAt!: Date;

  @Column('datetime', { name: 'updated_at', precision: 3 })
  updatedAt!: Date;
}
