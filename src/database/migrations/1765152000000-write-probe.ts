import type { MigrationInterface, QueryRunner } from 'typeorm';
import { columnTypes, dialectOf, tableOptions } from '../dialect.js';

/** The table that the health check writes, to find out whether the database can be written. It has 64 rows at most. */
export class WriteProbe1765152000000 implements MigrationInterface {
  readonly name = 'WriteProbe1765152000000';

  async up(runner: QueryRunner): Promise<void> {
    const dialect = dialectOf(runner.connection);
    const { small, time } = columnTypes[dialect];
    const columns = [`id ${small} NOT NULL`, `written_at ${time} NOT NULL`, 'PRIMARY KEY (id)'];
    await runner.query(`CREATE TABLE IF NOT EXISTS write_probe (${columns.join(', ')}) ${tableOptions[dialect]}`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE IF EXISTS write_probe');
  }
}
