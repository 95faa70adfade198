import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The status of an attempt, as stored. Only a 2xx answer is a success. */
export const AttemptStatus = { success: 0, fail: 2 } as const;

/** One request to an endpoint, with its answer. The time in the id is that just before the request. */
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

  /** The URL of the request. */
  @Column('text')
  url!: string;

  /** See AttemptStatus. */
  @Column('tinyint')
  status!: number;

  /** 0 scheduled, 1 manual. */
  @Column('tinyint', { name: 'trigger_type' })
  triggerType!: number;

  /** The HTTP status code; 0 if there was no answer. */
  @Column('smallint', { name: 'status_code' })
  statusCode!: number;

  @Column('int', { name: 'duration_ms' })
  durationMs!: number;

  /** The stored start of the answer's body. */
  @Column('text')
  response!: string;

  /** The time for which this attempt planned the next one; null for none. */
  @Column('datetime', { name: 'next_attempt', precision: 3, nullable: true })
  nextAttempt!: Date | null;
}
