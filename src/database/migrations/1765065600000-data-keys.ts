import type { MigrationInterface, QueryRunner } from 'typeorm';
import { columnTypes, dialectOf, tableOptions } from '../dialect.js';

/** The data keys that AWS KMS has made, each encrypted by KMS. One row a day at most, so no index besides the key. */
export class DataKeys1765065600000 implements MigrationInterface {
  readonly name = 'DataKeys1765065600000';

  async up(runner: QueryRunner): Promise<void> {
    const dialect = dialectOf(runner.connection);
    const { id, time, text } = columnTypes[dialect];
    const columns = [
      `id ${id} NOT NULL`,
      `encrypted_key ${text} NOT NULL`,
      `kms_key ${text} NOT NULL`,
      `created_at ${time} NOT NULL`,
      'PRIMARY KEY (id)',
    ];
    await runner.query(`CREATE TABLE IF NOT EXISTS data_key (${columns.join(', ')}) ${tableOptions[dialect]}`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE IF EXISTS data_key');
  }
}
