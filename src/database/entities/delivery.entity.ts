import { Column, Entity, PrimaryColumn } from 'typeorm';

/** State of a delivery, as stored. */
export const DeliveryState = { waiting: 0, sending: 1, delivered: 2, failed: 3 } as const;
export type DeliveryState = (typeof DeliveryState)[keyof typeof DeliveryState];

/** The run of the automatic delivery; every manual trigger (resend, recover) has a random run of its own. */
export const AUTOMATIC_RUN = 0;

/** The way of one message to one endpoint: who may act on it, and from when (`dueAt`). */
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

  /** How often it was settled: the step of the retry schedule. */
  @Column('int')
  attempts!: number;

  /** How often it was claimed; a settle under an older fence changes nothing. */
  @Column('int')
  fence!: number;

  @Column('blob', { nullable: true })
  owner!: Buffer | null;

  /** The moment from which nobody else is expected to act on it; null once settled for good. */
  @Column('datetime', { name: 'due_at', precision: 3, nullable: true })
  dueAt!: Date | null;

  /** Its `dueAt` is the turn it was given under the endpoint's rate: it needs no other. */
  @Column('boolean')
  paced!: boolean;

  /** Why it failed, or why it ended without an attempt. */
  @Column('varchar', { nullable: true })
  reason!: string | null;
}
