import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A delivery that failed because its workers died several times. The row is deleted when it is sent again. */
@Entity('dead_letter')
export class DeadLetter {
  @PrimaryColumn('varchar', { name: 'org_id' })
  orgId!: string;

  /** The key of the delivery, as `msg_…:ep_…:run`. */
  @PrimaryColumn('varchar')
  id!: string;

  @Column('varchar', { name: 'app_id' })
  appId!: string;

  @Column('varchar', { name: 'msg_id' })
  msgId!: string;

  @Column('varchar', { name: 'endpoint_id' })
  endpointId!: string;

  @Column('varchar')
  reason!: string;

  @Column('datetime', { precision: 3 })
  since!: Date;
}
