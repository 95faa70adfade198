import { Column, Entity, PrimaryColumn } from 'typeorm';
import { json, type Metadata } from './column-types.js';

/** A customer of the tenant: owns endpoints and gets messages. `version` goes up with every change of it or of its endpoints. */
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

  /** Messages per second, for endpoints that have no rate of their own. */
  @Column('int', { name: 'throttle_rate', nullable: true })
  throttleRate!: number | null;

  @Column('text', { transformer: json })
  metadata!: Metadata;

  @Column('int')
  version!: number;

  @Column('boolean')
  deleted!: boolean;

  @Column('datetime', { name: 'updated_at', precision: 3 })
  updatedAt!: Date;
}
