import type { MigrationInterface, QueryRunner } from 'typeorm';
import { columnTypes, dialectOf, tableOptions, type Dialect } from '../dialect.js';

/** What each organisation used: requests and messages by key and day. */
export class OrganizationUsage1764979200000 implements MigrationInterface {
  readonly name = 'OrganizationUsage1764979200000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of statements(dialectOf(runner.connection))) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE IF EXISTS organization_usage');
  }
}

function statements(dialect: Dialect): string[] {
  const { id, name, count } = columnTypes[dialect];
  const columns = [
    `org_id ${name} NOT NULL`,
    `day ${id} NOT NULL`,
    // The id of a token has at most 64 characters.
    `key_id ${name} NOT NULL`,
    `ok ${count} NOT NULL`,
    `refused ${count} NOT NULL`,
    `failed ${count} NOT NULL`,
    `messages ${count} NOT NULL`,
    'PRIMARY KEY (org_id, day, key_id)',
    ...(dialect === 'mysql' ? ['KEY organization_usage_day (day)'] : []),
  ];
  const table = `CREATE TABLE IF NOT EXISTS organization_usage (${columns.join(', ')}) ${tableOptions[dialect]}`;
  if (dialect === 'mysql') return [table];
  return [table, 'CREATE INDEX IF NOT EXISTS organization_usage_day ON organization_usage (day)'];
}
