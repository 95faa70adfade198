import type { MigrationInterface, QueryRunner } from 'typeorm';
import { addIndexIfMissing, columnTypes, dialectOf, dropIndex, tableOptions, type Dialect } from '../dialect.js';

/** Limits of single organisations, and indexes to count applications and event types with. */
export class OrganizationLimits1764892800000 implements MigrationInterface {
  readonly name = 'OrganizationLimits1764892800000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of tables(dialectOf(runner.connection))) await runner.query(statement);
    for (const index of INDEXES) await addIndexIfMissing(runner, index);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const index of INDEXES) await dropIndex(runner, index);
    await runner.query('DROP TABLE IF EXISTS organization');
  }
}

const INDEXES = [
  { table: 'application', name: 'application_live', columns: 'org_id, deleted' },
  { table: 'event_type', name: 'event_type_by_org', columns: 'org_id' },
];

function tables(dialect: Dialect): string[] {
  const { name, text, time } = columnTypes[dialect];
  const columns = [
    `org_id ${name} NOT NULL`,
    `limits ${text} NULL`,
    `changed_at ${time} NOT NULL`,
    'PRIMARY KEY (org_id)',
    ...(dialect === 'mysql' ? ['KEY organization_changed (changed_at)'] : []),
  ];
  const table = `CREATE TABLE IF NOT EXISTS organization (${columns.join(', ')}) ${tableOptions[dialect]}`;
  if (dialect === 'mysql') return [table];
  return [table, 'CREATE INDEX IF NOT EXISTS organization_changed ON organization (changed_at)'];
}
