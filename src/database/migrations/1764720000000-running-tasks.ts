import type { MigrationInterface, QueryRunner } from 'typeorm';
import { columnTypes, dialectOf, tableOptions } from '../dialect.js';

/** The processes that run, each with its state. A few rows, so no index besides the key. */
export class RunningTasks1764720000000 implements MigrationInterface {
  readonly name = 'RunningTasks1764720000000';

  async up(runner: QueryRunner): Promise<void> {
    const dialect = dialectOf(runner.connection);
    const { name, time, flag, text } = columnTypes[dialect];
    const columns = [
      `id ${name} NOT NULL`,
      `seen_at ${time} NOT NULL`,
      `serves ${flag} NOT NULL`,
      `state ${text} NOT NULL`,
      'PRIMARY KEY (id)',
    ];
    await runner.query(`CREATE TABLE IF NOT EXISTS running_task (${columns.join(', ')}) ${tableOptions[dialect]}`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE IF EXISTS running_task');
  }
}
