import { Column, Entity, PrimaryColumn } from 'typeorm';

/** How far somebody who polls an endpoint has said to have come. */
@Entity('poller_cursor')
export class PollerCursor {
  @PrimaryColumn('varchar', { name: 'app_id' })
  appId!: string;

  @PrimaryColumn('varchar', { name: 'endpoint_id' })
  endpointId!: string;

  /** What the consumer calls itself. */
  @PrimaryColumn('varchar')
  consumer!: string;

  /** Id of the last message that the consumer has confirmed; what comes after it is next. */
  @Column('varchar')
  position!: string;

  @Column('datetime', { name: 'updated_at', precision: 3 })
  updatedAt!: Date;
}
