import type { MigrationInterface, QueryRunner } from 'typeorm';
import { columnTypes, dialectOf, tableOptions, type Dialect } from '../dialect.js';

/** Who changed what. The key is led by the tenant; `audit_log_by_id` is for retention and for operators, who read all tenants. */
export class AuditLog1764633600000 implements MigrationInterface {
  readonly name = 'AuditLog1764633600000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of statements(dialectOf(runner.connection))) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE IF EXISTS audit_log');
  }
}

const INDEXES = {
  audit_log_by_id: 'id',
  audit_log_by_app: 'org_id, app_id, id',
  audit_log_by_operation: 'org_id, operation, id',
  audit_log_by_token: 'org_id, token_id, id',
};

function statements(dialect: Dialect): string[] {
  const { id, name, small, text } = columnTypes[dialect];
  const columns = [
    `org_id ${name} NOT NULL`,
    `id ${id} NOT NULL`,
    `app_id ${name} NULL`,
    `operation ${name} NOT NULL`,
    `actor ${id} NOT NULL`,
    `token_id ${name} NULL`,
    `request_id ${name} NULL`,
    `address ${name} NULL`,
    `objects ${text} NOT NULL`,
    `fields ${text} NOT NULL`,
    `created_id ${name} NULL`,
    `status ${small} NULL`,
    'PRIMARY KEY (org_id, id)',
  ];
  const indexes = Object.entries(INDEXES);
  const inTable = dialect === 'mysql' ? indexes.map(([index, list]) => `KEY ${index} (${list})`) : [];
  const table = `CREATE TABLE IF NOT EXISTS audit_log (${[...columns, ...inTable].join(', ')}) ${tableOptions[dialect]}`;
  if (dialect === 'mysql') return [table];
  return [table, ...indexes.map(([index, list]) => `CREATE INDEX IF NOT EXISTS ${index} ON audit_log (${list})`)];
}
