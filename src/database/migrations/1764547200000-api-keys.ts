import type { MigrationInterface, QueryRunner } from 'typeorm';
import { columnTypes, dialectOf, tableOptions, type Dialect } from '../dialect.js';

/** The API keys of organisations. */
export class ApiKeys1764547200000 implements MigrationInterface {
  readonly name = 'ApiKeys1764547200000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of statements(dialectOf(runner.connection))) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE IF EXISTS api_key');
  }
}

function statements(dialect: Dialect): string[] {
  const { id, name, text, time, small } = columnTypes[dialect];
  const columns = [
    `org_id ${name} NOT NULL`,
    `id ${id} NOT NULL`,
    `name ${text} NOT NULL`,
    `scopes ${small} NOT NULL`,
    `app_id ${id} NULL`,
    `creator ${name} NOT NULL`,
    `hash ${name} NOT NULL`,
    `hint ${id} NOT NULL`,
    `secret_at ${time} NOT NULL`,
    `old_hash ${name} NULL`,
    `old_secret_at ${time} NULL`,
    `old_until ${time} NULL`,
    `expires_at ${time} NULL`,
    `last_used_at ${time} NULL`,
    'PRIMARY KEY (org_id, id)',
    ...(dialect === 'mysql' ? ['KEY api_key_hash (hash)', 'KEY api_key_old_hash (old_hash)'] : []),
  ];
  const table = `CREATE TABLE IF NOT EXISTS api_key (${columns.join(', ')}) ${tableOptions[dialect]}`;
  if (dialect === 'mysql') return [table];
  return [
    table,
    'CREATE INDEX IF NOT EXISTS api_key_hash ON api_key (hash)',
    'CREATE INDEX IF NOT EXISTS api_key_old_hash ON api_key (old_hash)',
  ];
}
