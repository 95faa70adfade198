import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A delivery that was given up because its workers died again and again, until somebody has it sent once more. */
@Entity('dead_letter')
export class DeadLetter {
  @PrimaryColumn('varchar', { name: 'org_id' })
  orgId!: string;

  /** Key of the delivery's row, as `msg_…:ep_…:run`. */
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
