import type { MigrationInterface, QueryRunner } from 'typeorm';
import { addColumnIfMissing, addIndexIfMissing, dialectOf, dropIndex, type Index } from '../dialect.js';

/**
 * Indexes that find applications by the beginning of their name, whatever its case, and for operators by uid. MySQL indexes the first
 * characters of a name as a virtual column, which is in no row and costs nothing to add; no statement writes it. SQLite compares the name itself
 * without case (ASCII letters only). The table is written when an application or one of its endpoints changes, not for messages.
 */
export class ApplicationSearch1766275300000 implements MigrationInterface {
  readonly name = 'ApplicationSearch1766275300000';

  async up(runner: QueryRunner): Promise<void> {
    if (dialectOf(runner.connection) === 'mysql') await addColumnIfMissing(runner, 'application', 'name_key', NAME_KEY);
    for (const index of indexes(runner)) await addIndexIfMissing(runner, index);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const index of indexes(runner)) await dropIndex(runner, index);
    if (dialectOf(runner.connection) === 'mysql') await runner.query('ALTER TABLE application DROP COLUMN name_key');
  }
}

const NAME_KEY = 'VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci GENERATED ALWAYS AS (LEFT(name, 64)) VIRTUAL';

function indexes(runner: QueryRunner): Index[] {
  const name = dialectOf(runner.connection) === 'mysql' ? 'name_key' : 'name COLLATE NOCASE';
  return [
    { table: 'application', name: 'application_by_name', columns: `org_id, ${name}` },
    { table: 'application', name: 'application_by_any_name', columns: name },
    { table: 'application', name: 'application_by_any_uid', columns: 'uid' },
  ];
}
