import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Status of an attempt, as stored. Nothing but a 2xx is a success. */
export const AttemptStatus = { success: 0, fail: 2 } as const;

/** One request to an endpoint and its answer. The id carries the time just before the request. */
@Entity('attempt')
export class Attempt {
  @PrimaryColumn('varchar', { name: 'msg_id' })
  msgId!: string;

  @PrimaryColumn('varchar')
  id!: string;

  @Column('varchar', { name: 'app_id' })
  appId!: string;

  @Column('varchar', { name: 'endpoint_id' })
  endpointId!: string;

  /** The URL that was used. */
  @Column('text')
  url!: string;

  @Column('tinyint')
  status!: number;

  /** 0 scheduled, 1 manual. */
  @Column('tinyint', { name: 'trigger_type' })
  triggerType!: number;

  /** 0 when there was no HTTP answer. */
  @Column('smallint', { name: 'status_code' })
  statusCode!: number;

  @Column('int', { name: 'duration_ms' })
  durationMs!: number;

  @Column('text')
  response!: string;

  /** When the next attempt was planned, at the time of this one. */
  @Column('datetime', { name: 'next_attempt', precision: 3, nullable: true })
  nextAttempt!: Date | null;
}
