import { Column, Entity, PrimaryColumn } from 'typeorm';
import { json } from './column-types.js';

/** What the tenant sent. The payload is the source text, byte for byte; null once expunged. */
@Entity('message')
export class Message {
  @PrimaryColumn('varchar', { name: 'app_id' })
  appId!: string;

  @PrimaryColumn('varchar')
  id!: string;

  @Column('varchar', { name: 'event_type' })
  eventType!: string;

  @Column('varchar', { name: 'event_id', nullable: true })
  eventId!: string | null;

  @Column('text', { nullable: true, transformer: json })
  channels!: string[] | null;

  @Column('blob', { nullable: true })
  payload!: Buffer | null;

  /** From then on the payload counts as expired. */
  @Column('datetime', { name: 'payload_until', precision: 3 })
  payloadUntil!: Date;

  /** For lists to be narrowed by. */
  @Column('text', { nullable: true, transformer: json })
  tags!: string[] | null;

  /** Scheduled for then; null for at once. */
  @Column('datetime', { name: 'deliver_at', precision: 3, nullable: true })
  deliverAt!: Date | null;

  /** What the payload is sent as; null for application/json. */
  @Column('varchar', { name: 'content_type', nullable: true })
  contentType!: string | null;
}
