import { Column, Entity, PrimaryColumn } from 'typeorm';
import { json } from './column-types.js';

/** A message of an application. */
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

  /** The text that the caller sent, byte for byte; null after it was removed. */
  @Column('blob', { nullable: true })
  payload!: Buffer | null;

  /** When the payload expires. An expired payload is neither shown nor sent, even before it is removed. */
  @Column('datetime', { name: 'payload_until', precision: 3 })
  payloadUntil!: Date;

  /** Lists of messages can be filtered by these. */
  @Column('text', { nullable: true, transformer: json })
  tags!: string[] | null;

  /** The time for which the message is scheduled; null for none. */
  @Column('datetime', { name: 'deliver_at', precision: 3, nullable: true })
  deliverAt!: Date | null;

  /** The `content-type` of the requests; null for application/json. */
  @Column('varchar', { name: 'content_type', nullable: true })
  contentType!: string | null;
}
