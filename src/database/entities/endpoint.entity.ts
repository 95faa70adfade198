import { Column, Entity, PrimaryColumn } from 'typeorm';
import { json, type Metadata } from './column-types.js';

/** A signing secret as it is stored. */
export interface SealedSecret {
  /** The encrypted secret, see Sealer. */
  sealed: string;
  /** When it stops to sign, ms since 1970; null for the current secret. */
  expiresAt: number | null;
}

/** Why an endpoint is disabled: it answered 410, it failed for too long, or somebody asked for it. */
export const disabledBecause = ['gone', 'failing', 'request'] as const;
export type DisabledBecause = (typeof disabledBecause)[number];

/** A URL that gets messages of an application, with its filters, secrets and headers. */
@Entity('endpoint')
export class Endpoint {
  @PrimaryColumn('varchar')
  id!: string;

  @Column('varchar', { name: 'app_id' })
  appId!: string;

  @Column('varchar', { nullable: true })
  uid!: string | null;

  /** With a sealed password, it has a mask (`****`) in the place of the password. */
  @Column('text')
  url!: string;

  @Column('text')
  description!: string;

  /** Messages per second; null for the application's rate. */
  @Column('int', { name: 'throttle_rate', nullable: true })
  throttleRate!: number | null;

  /** The deprecated property `version` of the API. It is stored and shown, and has no effect. */
  @Column('int', { name: 'api_version' })
  version!: number;

  /** Nothing is sent to it. */
  @Column('boolean')
  disabled!: boolean;

  /** Since when; null if it is not disabled, or not known. Of an endpoint that is not disabled it means nothing. */
  @Column('datetime', { name: 'disabled_at', precision: 3, nullable: true })
  disabledAt!: Date | null;

  @Column('varchar', { name: 'disabled_because', nullable: true })
  disabledBecause!: DisabledBecause | null;

  /** The event types that it gets; null for all. */
  @Column('text', { name: 'event_types', nullable: true, transformer: json })
  eventTypes!: string[] | null;

  /** It gets messages with at least one of these channels; null for all messages. */
  @Column('text', { nullable: true, transformer: json })
  channels!: string[] | null;

  @Column('text', { transformer: json })
  metadata!: Metadata;

  /** The current secret first, then the older ones that still sign, sorted by expiry. */
  @Column('text', { transformer: json })
  secrets!: SealedSecret[];

  /** The custom headers as encrypted JSON (name → value); null for none. */
  @Column('text', { name: 'sealed_headers', nullable: true })
  sealedHeaders!: string | null;

  /** The encrypted password of the URL; null if it has none, or if it is in `url`: written by an older release, or beside one. */
  @Column('text', { name: 'sealed_password', nullable: true })
  sealedPassword!: string | null;

  /** When the first message failed after the last success; null if none failed. See EndpointFailureRepository. */
  @Column('datetime', { name: 'failing_since', precision: 3, nullable: true })
  failingSince!: Date | null;

  /** Deleted endpoints stay as rows, for the lists of messages and attempts. */
  @Column('boolean')
  deleted!: boolean;

  @Column('datetime', { name: 'updated_at', precision: 3 })
  updatedAt!: Date;
}
