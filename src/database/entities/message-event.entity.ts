import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Which message an application's `eventId` belongs to; a table of its own, so that a taken one never blocks a group commit. */
@Entity('message_event')
export class MessageEvent {
  @PrimaryColumn('varchar', { name: 'app_id' })
  appId!: string;

  @PrimaryColumn('varchar', { name: 'event_id' })
  eventId!: string;

  @Column('varchar', { name: 'msg_id' })
  msgId!: string;
}
