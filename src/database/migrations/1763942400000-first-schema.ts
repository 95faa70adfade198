import type { MigrationInterface, QueryRunner } from 'typeorm';
import { columnTypes, dialectOf, tableOptions, type Dialect } from '../dialect.js';

/**
 * The first schema. There are no foreign keys, and secondary indexes only for statements that search by them, because both make inserts
 * slower. MySQL can't roll back a CREATE TABLE, so an interrupted migration can run again.
 */
export class FirstSchema1763942400000 implements MigrationInterface {
  readonly name = 'FirstSchema1763942400000';

  async up(runner: QueryRunner): Promise<void> {
    const dialect = dialectOf(runner.connection);
    for (const statement of [...applicationTables(dialect), ...messageTables(dialect), ...indexes(dialect)])
      await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['attempt', 'delivery', 'message_event', 'message', 'event_type', 'endpoint', 'application']) {
      await runner.query(`DROP TABLE IF EXISTS ${table}`);
    }
  }
}

function applicationTables(dialect: Dialect): string[] {
  const { id, name, text, time, count, flag } = columnTypes[dialect];
  return [
    table(dialect, 'application', [
      `id ${id} NOT NULL`,
      `org_id ${name} NOT NULL`,
      `uid ${name} NULL`,
      `name ${text} NOT NULL`,
      `throttle_rate ${count} NULL`,
      `metadata ${text} NOT NULL`,
      `version ${count} NOT NULL`,
      `deleted ${flag} NOT NULL`,
      `updated_at ${time} NOT NULL`,
      'PRIMARY KEY (id)',
    ]),
    table(dialect, 'endpoint', [
      `id ${id} NOT NULL`,
      `app_id ${id} NOT NULL`,
      `uid ${name} NULL`,
      `url ${text} NOT NULL`,
      `description ${text} NOT NULL`,
      `throttle_rate ${count} NULL`,
      `api_version ${count} NOT NULL`,
      `disabled ${flag} NOT NULL`,
      `event_types ${text} NULL`,
      `channels ${text} NULL`,
      `metadata ${text} NOT NULL`,
      `secrets ${text} NOT NULL`,
      `sealed_headers ${text} NULL`,
      `failing_since ${time} NULL`,
      `deleted ${flag} NOT NULL`,
      `updated_at ${time} NOT NULL`,
      'PRIMARY KEY (id)',
    ]),
    table(dialect, 'event_type', [
      `org_id ${name} NOT NULL`,
      `name ${name} NOT NULL`,
      `description ${text} NOT NULL`,
      `archived ${flag} NOT NULL`,
      `deprecated ${flag} NOT NULL`,
      `json_schemas ${text} NULL`,
      `feature_flag ${name} NULL`,
      `created_at ${time} NOT NULL`,
      `updated_at ${time} NOT NULL`,
      'PRIMARY KEY (org_id, name)',
    ]),
  ];
}

function messageTables(dialect: Dialect): string[] {
  const { id, name, text, bytes, nonce, time, count, small, flag } = columnTypes[dialect];
  return [
    table(dialect, 'message', [
      `app_id ${id} NOT NULL`,
      `id ${id} NOT NULL`,
      `event_type ${name} NOT NULL`,
      `event_id ${name} NULL`,
      `channels ${text} NULL`,
      `payload ${bytes} NULL`,
      `payload_until ${time} NOT NULL`,
      'PRIMARY KEY (app_id, id)',
    ]),
    table(dialect, 'message_event', [
      `app_id ${id} NOT NULL`,
      `event_id ${name} NOT NULL`,
      `msg_id ${id} NOT NULL`,
      'PRIMARY KEY (app_id, event_id)',
    ]),
    table(dialect, 'delivery', [
      `msg_id ${id} NOT NULL`,
      `endpoint_id ${id} NOT NULL`,
      `run ${count} NOT NULL`,
      `app_id ${id} NOT NULL`,
      `state ${small} NOT NULL`,
      `attempts ${count} NOT NULL`,
      `fence ${count} NOT NULL`,
      `owner ${nonce} NULL`,
      `due_at ${time} NULL`,
      `paced ${flag} NOT NULL DEFAULT 0`,
      `reason ${name} NULL`,
      'PRIMARY KEY (msg_id, endpoint_id, run)',
    ]),
    table(dialect, 'attempt', [
      `msg_id ${id} NOT NULL`,
      `id ${id} NOT NULL`,
      `app_id ${id} NOT NULL`,
      `endpoint_id ${id} NOT NULL`,
      `url ${text} NOT NULL`,
      `status ${small} NOT NULL`,
      `trigger_type ${small} NOT NULL`,
      `status_code ${small} NOT NULL`,
      `duration_ms ${count} NOT NULL`,
      `response ${text} NOT NULL`,
      `next_attempt ${time} NULL`,
      'PRIMARY KEY (msg_id, id)',
    ]),
  ];
}

/** Secondary indexes by table. `where` is for SQLite only. */
const INDEXES: Record<string, { name: string; columns: string; unique?: true; where?: string }[]> = {
  application: [
    { name: 'application_by_uid', columns: 'org_id, uid', unique: true },
    { name: 'application_by_org', columns: 'org_id, id' },
  ],
  endpoint: [
    { name: 'endpoint_by_uid', columns: 'app_id, uid', unique: true },
    { name: 'endpoint_by_app', columns: 'app_id, id' },
  ],
  delivery: [
    // Most rows are settled and have no `due_at`. No statement searches for them in this index.
    { name: 'due', columns: 'due_at', where: 'due_at IS NOT NULL' },
    { name: 'delivery_by_endpoint', columns: 'endpoint_id, msg_id' },
  ],
  attempt: [{ name: 'attempt_by_endpoint', columns: 'endpoint_id, id' }],
};

/** On MySQL the indexes are part of the CREATE TABLE, so that one statement creates the whole table. SQLite needs separate statements. */
function table(dialect: Dialect, name: string, columns: string[]): string {
  const keys = (INDEXES[name] ?? []).map((index) => `${index.unique ? 'UNIQUE ' : ''}KEY ${index.name} (${index.columns})`);
  const inside = dialect === 'mysql' ? [...columns, ...keys] : columns;
  return `CREATE TABLE IF NOT EXISTS ${name} (${inside.join(', ')}) ${tableOptions[dialect]}`;
}

function indexes(dialect: Dialect): string[] {
  if (dialect === 'mysql') return [];
  return Object.entries(INDEXES).flatMap(([name, own]) =>
    own.map(
      (index) =>
        `CREATE ${index.unique ? 'UNIQUE ' : ''}INDEX IF NOT EXISTS ${index.name} ON ${name} (${index.columns})${index.where ? ` WHERE ${index.where}` : ''}`,
    ),
  );
}
