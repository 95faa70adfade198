import type { MigrationInterface, QueryRunner } from 'typeorm';
import { columnTypes, dialectOf, tableOptions, type Dialect } from '../dialect.js';

/** Limits of single organisations, and indexes to count applications and event types with. */
export class OrganizationLimits1764892800000 implements MigrationInterface {
  readonly name = 'OrganizationLimits1764892800000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of tables(dialectOf(runner.connection))) await runner.query(statement);
    for (const { table, name, columns } of INDEXES) await addIndex(runner, table, name, columns);
  }

  async down(runner: QueryRunner): Promise<void> {
    const sqlite = dialectOf(runner.connection) === 'sqlite';
    for (const { table, name } of INDEXES)
      await runner.query(sqlite ? `DROP INDEX IF EXISTS ${name}` : `ALTER TABLE ${table} DROP INDEX ${name}`);
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

/** Does nothing if the index exists: an interrupted migration runs again. On MySQL it blocks neither readers nor writers. */
async function addIndex(runner: QueryRunner, table: string, name: string, columns: string): Promise<void> {
  if (dialectOf(runner.connection) === 'sqlite') {
    await runner.query(`CREATE INDEX IF NOT EXISTS ${name} ON ${table} (${columns})`);
    return;
  }
  const found = (await runner.query(
    'SELECT 1 FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = ? AND index_name = ?',
    [table, name],
  )) as unknown[];
  if (found.length > 0) return;
  await runner.query(`ALTER TABLE ${table} ADD INDEX ${name} (${columns}), ALGORITHM = INPLACE, LOCK = NONE`);
}
