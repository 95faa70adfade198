import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The position that a consumer of an endpoint has confirmed. */
@Entity('poller_cursor')
export class PollerCursor {
  @PrimaryColumn('varchar', { name: 'app_id' })
  appId!: string;

  @PrimaryColumn('varchar', { name: 'endpoint_id' })
  endpointId!: string;

  /** The name that the consumer has chosen. */
  @PrimaryColumn('varchar')
  consumer!: string;

  /** The id of the last message that was confirmed. The next page begins after it. */
  @Column('varchar')
  position!: string;

  @Column('datetime', { name: 'updated_at', precision: 3 })
  updatedAt!: Date;
}
