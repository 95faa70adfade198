import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { OperationalEventType } from '../../domain/operational-event.js';
import { json } from './column-types.js';

/** Something that a tenant is still to be told of. */
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

  /** How often it was taken; whoever takes it at an older count comes too late. */
  @Column('int')
  tries!: number;

  @Column('datetime', { name: 'due_at', precision: 3 })
  dueAt!: Date;
}
