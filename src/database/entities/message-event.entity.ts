import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The message that an `eventId` belongs to. It is not a unique index of `message`, because a duplicate would make a group commit fail. */
@Entity('message_event')
export class MessageEvent {
  @PrimaryColumn('varchar', { name: 'app_id' })
  appId!: string;

  @PrimaryColumn('varchar', { name: 'event_id' })
  eventId!: string;

  @Column('varchar', { name: 'msg_id' })
  msgId!: string;
}
