import { Column, Entity, PrimaryColumn } from 'typeorm';
import { json, type Metadata } from './column-types.js';

/** A customer of an organisation. It has endpoints, and messages are sent to it. */
@Entity('application')
export class Application {
  @PrimaryColumn('varchar')
  id!: string;

  @Column('varchar', { name: 'org_id' })
  orgId!: string;

  @Column('varchar', { nullable: true })
  uid!: string | null;

  @Column('text')
  name!: string;

  /** Messages per second, for endpoints without their own rate; null for no limit. */
  @Column('int', { name: 'throttle_rate', nullable: true })
  throttleRate!: number | null;

  @Column('text', { transformer: json })
  metadata!: Metadata;

  /** Incremented with every change of the application or of its endpoints. */
  @Column('int')
  version!: number;

  /** Deleted applications stay as rows. */
  @Column('boolean')
  deleted!: boolean;

  @Column('datetime', { name: 'updated_at', precision: 3 })
  updatedAt!: Date;
}
