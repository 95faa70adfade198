import type { MigrationInterface, QueryRunner } from 'typeorm';
import { columnTypes, dialectOf, tableOptions, type Dialect } from '../dialect.js';

/** Background tasks, and dead letters: deliveries that failed because their workers died. */
export class BackgroundTasks1764028800000 implements MigrationInterface {
  readonly name = 'BackgroundTasks1764028800000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of tables(dialectOf(runner.connection))) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['dead_letter', 'background_task']) await runner.query(`DROP TABLE IF EXISTS ${table}`);
  }
}

function tables(dialect: Dialect): string[] {
  const { id, name, text, time, count, small } = columnTypes[dialect];
  const due = dialect === 'mysql' ? ['KEY background_task_due (due_at)'] : [];
  const task = [
    `org_id ${name} NOT NULL`,
    `id ${id} NOT NULL`,
    `app_id ${id} NULL`,
    `task ${name} NOT NULL`,
    `status ${small} NOT NULL`,
    `input ${text} NOT NULL`,
    `reached ${text} NULL`,
    `data ${text} NOT NULL`,
    `fence ${count} NOT NULL`,
    `tries ${count} NOT NULL`,
    `due_at ${time} NULL`,
    `updated_at ${time} NOT NULL`,
    'PRIMARY KEY (org_id, id)',
    ...due,
  ];
  const letter = [
    `org_id ${name} NOT NULL`,
    `id ${name} NOT NULL`,
    `app_id ${id} NOT NULL`,
    `msg_id ${id} NOT NULL`,
    `endpoint_id ${id} NOT NULL`,
    `reason ${name} NOT NULL`,
    `since ${time} NOT NULL`,
    'PRIMARY KEY (org_id, id)',
  ];
  const statements = [
    `CREATE TABLE IF NOT EXISTS background_task (${task.join(', ')}) ${tableOptions[dialect]}`,
    `CREATE TABLE IF NOT EXISTS dead_letter (${letter.join(', ')}) ${tableOptions[dialect]}`,
  ];
  if (dialect === 'mysql') return statements;
  return [...statements, 'CREATE INDEX IF NOT EXISTS background_task_due ON background_task (due_at) WHERE due_at IS NOT NULL'];
}
