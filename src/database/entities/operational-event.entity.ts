import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { OperationalEventType } from '../../domain/operational-event.js';
import { json } from './column-types.js';

/** An event for the operational webhooks of an organisation, until it has been sent. */
@Entity('operational_event')
export class OperationalEventRow {
  @PrimaryColumn('varchar')
  id!: string;

  @Column('varchar')
  type!: OperationalEventType;

  @Column('varchar', { name: 'app_id' })
  appId!: string;

  @Column('text', { transformer: json })
  data!: Record<string, unknown>;

  /** How often it was leased. A process that read an older count can't lease it. */
  @Column('int')
  tries!: number;

  /** When a process may lease it. */
  @Column('datetime', { name: 'due_at', precision: 3 })
  dueAt!: Date;
}
