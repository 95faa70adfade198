import { Column, Entity, PrimaryColumn } from 'typeorm';
import { json } from './column-types.js';

/** Status of a background task, as stored. */
export const TaskStatus = { running: 0, finished: 1, failed: 2 } as const;
export type TaskStatus = (typeof TaskStatus)[keyof typeof TaskStatus];

/** Long work that was asked for: what of it is done, and who may go on with it, from when (`dueAt`). */
@Entity('background_task')
export class BackgroundTask {
  @PrimaryColumn('varchar', { name: 'org_id' })
  orgId!: string;

  @PrimaryColumn('varchar')
  id!: string;

  /** The application that it is about; null for a task of the whole organisation. */
  @Column('varchar', { name: 'app_id', nullable: true })
  appId!: string | null;

  /** Which kind of work, by the API's name of it. */
  @Column('varchar')
  task!: string;

  @Column('smallint')
  status!: TaskStatus;

  /** What was asked for. */
  @Column('text', { transformer: json })
  input!: unknown;

  /** How far it is, as its own kind writes it; null at the start. */
  @Column('text', { nullable: true })
  reached!: string | null;

  /** What callers see of it. */
  @Column('text', { transformer: json })
  data!: object;

  /** How often it was claimed; whoever holds an older claim can't write any more. */
  @Column('int')
  fence!: number;

  /** Claims since it last got on: it is given up when there are too many. */
  @Column('int')
  tries!: number;

  /** From then on nobody is expected to be working on it; null once it has ended. */
  @Column('datetime', { name: 'due_at', precision: 3, nullable: true })
  dueAt!: Date | null;

  @Column('datetime', { name: 'updated_at', precision: 3 })
  updatedAt!: Date;
}
