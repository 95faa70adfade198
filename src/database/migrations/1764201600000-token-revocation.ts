import type { MigrationInterface, QueryRunner } from 'typeorm';
import { columnTypes, dialectOf, tableOptions, type Dialect } from '../dialect.js';

/** Tokens that are refused before they expire. */
export class TokenRevocation1764201600000 implements MigrationInterface {
  readonly name = 'TokenRevocation1764201600000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of statements(dialectOf(runner.connection))) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE IF EXISTS token_revocation');
  }
}

function statements(dialect: Dialect): string[] {
  const { name, time, small } = columnTypes[dialect];
  const columns = [
    `org_id ${name} NOT NULL`,
    `kind ${small} NOT NULL`,
    `subject ${name} NOT NULL`,
    `issued_until ${time} NOT NULL`,
    `refused_from ${time} NOT NULL`,
    `created_at ${time} NOT NULL`,
    `forget_at ${time} NULL`,
    'PRIMARY KEY (org_id, kind, subject, issued_until)',
    ...(dialect === 'mysql' ? ['KEY token_revocation_created (created_at)'] : []),
  ];
  const table = `CREATE TABLE IF NOT EXISTS token_revocation (${columns.join(', ')}) ${tableOptions[dialect]}`;
  if (dialect === 'mysql') return [table];
  return [table, 'CREATE INDEX IF NOT EXISTS token_revocation_created ON token_revocation (created_at)'];
}
