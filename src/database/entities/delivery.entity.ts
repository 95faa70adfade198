import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The state of a delivery, as stored. */
export const DeliveryState = { waiting: 0, sending: 1, delivered: 2, failed: 3 } as const;
export type DeliveryState = (typeof DeliveryState)[keyof typeof DeliveryState];

/** The run of the automatic delivery. Each manual delivery (resend, recover, redrive) has a random run. */
export const AUTOMATIC_RUN = 0;

/** The delivery of one message to one endpoint. `fence` and `dueAt` decide which process may send it, and when. */
@Entity('delivery')
export class Delivery {
  @PrimaryColumn('varchar', { name: 'msg_id' })
  msgId!: string;

  @PrimaryColumn('varchar', { name: 'endpoint_id' })
  endpointId!: string;

  @PrimaryColumn('int', { unsigned: true })
  run!: number;

  @Column('varchar', { name: 'app_id' })
  appId!: string;

  @Column('tinyint')
  state!: DeliveryState;

  /** The number of settled attempts: the step of the retry schedule. */
  @Column('int')
  attempts!: number;

  /** How often it was claimed. A settle with an older fence changes nothing. */
  @Column('int')
  fence!: number;

  /** A random number that the last claim wrote. MySQL only, see MysqlEngineStore. */
  @Column('blob', { nullable: true })
  owner!: Buffer | null;

  /** When a process may claim it: a time for an attempt, or the end of a lease. Null after the last settle. */
  @Column('datetime', { name: 'due_at', precision: 3, nullable: true })
  dueAt!: Date | null;

  /** `dueAt` is its turn under the endpoint's rate limit. So it may be sent then without asking for another turn. */
  @Column('boolean')
  paced!: boolean;

  /** Why it failed or ended without an attempt; null for all other deliveries. */
  @Column('varchar', { nullable: true })
  reason!: string | null;
}
