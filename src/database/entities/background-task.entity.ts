import { Column, Entity, PrimaryColumn } from 'typeorm';
import { json } from './column-types.js';

/** The status of a background task, as stored. */
export const TaskStatus = { running: 0, finished: 1, failed: 2 } as const;
export type TaskStatus = (typeof TaskStatus)[keyof typeof TaskStatus];

/** Long work that a caller has started, and its progress. It is done in steps, by one process at a time. */
@Entity('background_task')
export class BackgroundTask {
  @PrimaryColumn('varchar', { name: 'org_id' })
  orgId!: string;

  @PrimaryColumn('varchar')
  id!: string;

  /** The application of the task; null for a task of the whole organisation. */
  @Column('varchar', { name: 'app_id', nullable: true })
  appId!: string | null;

  /** The kind of work, with its name in the API. */
  @Column('varchar')
  task!: string;

  @Column('smallint')
  status!: TaskStatus;

  /** The parameters of the task. */
  @Column('text', { transformer: json })
  input!: unknown;

  /** The position up to which the work is done, in a format that the kind of task defines; null at the start. */
  @Column('text', { nullable: true })
  reached!: string | null;

  /** The result as callers see it. */
  @Column('text', { transformer: json })
  data!: object;

  /** How often it was claimed. A process that holds an older claim can't write any more. */
  @Column('int')
  fence!: number;

  /** The number of claims since the last progress. With too many the task fails. */
  @Column('int')
  tries!: number;

  /** When a process may claim it: at the start, or when a lease ends. Null after the task has ended. */
  @Column('datetime', { name: 'due_at', precision: 3, nullable: true })
  dueAt!: Date | null;

  @Column('datetime', { name: 'updated_at', precision: 3 })
  updatedAt!: Date;
}
