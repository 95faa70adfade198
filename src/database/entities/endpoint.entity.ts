import { Column, Entity, PrimaryColumn } from 'typeorm';
import { json, type Metadata } from './column-types.js';

/** A signing secret as it is kept: sealed text, and when it stops signing (ms since 1970; null for the current one). */
export interface SealedSecret {
  sealed: string;
  expiresAt: number | null;
}

/** Where an application's messages go: a URL with its filters, secrets and headers. */
@Entity('endpoint')
export class Endpoint {
  @PrimaryColumn('varchar')
  id!: string;

  @Column('varchar', { name: 'app_id' })
  appId!: string;

  @Column('varchar', { nullable: true })
  uid!: string | null;

  @Column('text')
  url!: string;

  @Column('text')
  description!: string;

  @Column('int', { name: 'throttle_rate', nullable: true })
  throttleRate!: number | null;

  /** The API's deprecated `version`: echoed, without meaning. */
  @Column('int', { name: 'api_version' })
  version!: number;

  @Column('boolean')
  disabled!: boolean;

  @Column('text', { name: 'event_types', nullable: true, transformer: json })
  eventTypes!: string[] | null;

  @Column('text', { nullable: true, transformer: json })
  channels!: string[] | null;

  @Column('text', { transformer: json })
  metadata!: Metadata;

  /** Current secret first, then the old ones that still sign, by expiry. */
  @Column('text', { transformer: json })
  secrets!: SealedSecret[];

  /** Sealed JSON of the custom headers (name → value), null for none. */
  @Column('text', { name: 'sealed_headers', nullable: true })
  sealedHeaders!: string | null;

  /** When the first message was given up since the last success; null when the last one went well. Forgotten when it is old: see EndpointFailureRepository. */
  @Column('datetime', { name: 'failing_since', precision: 3, nullable: true })
  failingSince!: Date | null;

  @Column('boolean')
  deleted!: boolean;

  @Column('datetime', { name: 'updated_at', precision: 3 })
  updatedAt!: Date;
}
