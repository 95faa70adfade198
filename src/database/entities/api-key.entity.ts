import { Column, Entity, PrimaryColumn } from 'typeorm';

/** An API key of an organisation. Its secret is not stored, only the hash. */
@Entity('api_key')
export class ApiKey {
  @PrimaryColumn('varchar', { name: 'org_id' })
  orgId!: string;

  @PrimaryColumn('varchar')
  id!: string;

  @Column('text')
  name!: string;

  /** A bit for each scope, in the order of KEY_SCOPES. */
  @Column('smallint')
  scopes!: number;

  /** The application that the key is limited to; null for the whole organisation. */
  @Column('varchar', { name: 'app_id', nullable: true })
  appId!: string | null;

  /** The id of the token that created it. */
  @Column('varchar')
  creator!: string;

  /** SHA-256 of the key in base64url. */
  @Column('varchar')
  hash!: string;

  /** The first characters of the key. */
  @Column('varchar')
  hint!: string;

  /** When the current secret was made. */
  @Column('datetime', { name: 'secret_at', precision: 3 })
  secretAt!: Date;

  /** The secret before the last rotation; null if there was none. */
  @Column('varchar', { name: 'old_hash', nullable: true })
  oldHash!: string | null;

  @Column('datetime', { name: 'old_secret_at', precision: 3, nullable: true })
  oldSecretAt!: Date | null;

  /** Until when the secret before is valid. */
  @Column('datetime', { name: 'old_until', precision: 3, nullable: true })
  oldUntil!: Date | null;

  /** Null if it never expires. */
  @Column('datetime', { name: 'expires_at', precision: 3, nullable: true })
  expiresAt!: Date | null;

  /** Written in groups, so it may be half a minute behind. */
  @Column('datetime', { name: 'last_used_at', precision: 3, nullable: true })
  lastUsedAt!: Date | null;
}
