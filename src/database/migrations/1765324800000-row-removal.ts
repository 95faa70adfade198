import type { MigrationInterface, QueryRunner } from 'typeorm';
import { columnTypes, dialectOf, sqlTime, tableOptions } from '../dialect.js';

/** The work that one process at a time does for all of them, with the time at which it is due again. One row for each kind of work. */
export class RowRemoval1765324800000 implements MigrationInterface {
  readonly name = 'RowRemoval1765324800000';

  async up(runner: QueryRunner): Promise<void> {
    const dialect = dialectOf(runner.connection);
    const { id, time } = columnTypes[dialect];
    await runner.query(
      `CREATE TABLE IF NOT EXISTS shared_work (name ${id} NOT NULL, owner ${id} NOT NULL, due_at ${time} NOT NULL, PRIMARY KEY (name)) ${tableOptions[dialect]}`,
    );
    const ignoreExisting = dialect === 'mysql' ? 'ON DUPLICATE KEY UPDATE name = shared_work.name' : 'ON CONFLICT DO NOTHING';
    for (const name of ['old_rows', 'deleted_rows'])
      await runner.query(`INSERT INTO shared_work (name, owner, due_at) VALUES (?, '', ?) ${ignoreExisting}`, [name, sqlTime(0)]);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE IF EXISTS shared_work');
  }
}
