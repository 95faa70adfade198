import type { MigrationInterface, QueryRunner } from 'typeorm';
import { OPERATIONAL_EVENT_TYPES, OPERATIONS_ORG } from '../../domain/operational-event.js';
import { addColumnIfMissing, columnTypes, dialectOf, sqlTime, tableOptions, type Dialect } from '../dialect.js';

/**
 * Tags, scheduled delivery and content types of messages. Payloads that expire early, and the positions of the removal of expired payloads.
 * Events for operational webhooks, with their event types. The cursors of pollers.
 */
export class MessageFeatures1764115200000 implements MigrationInterface {
  readonly name = 'MessageFeatures1764115200000';

  async up(runner: QueryRunner): Promise<void> {
    const dialect = dialectOf(runner.connection);
    const { text, time, name } = columnTypes[dialect];
    await addColumnIfMissing(runner, 'message', 'tags', `${text} NULL`);
    await addColumnIfMissing(runner, 'message', 'deliver_at', `${time} NULL`);
    await addColumnIfMissing(runner, 'message', 'content_type', `${name} NULL`);
    for (const statement of tables(dialect)) await runner.query(statement);
    await seedOperationalEventTypes(runner, dialect);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DELETE FROM event_type WHERE org_id = ?', [OPERATIONS_ORG]);
    for (const table of ['poller_cursor', 'operational_event', 'payload_sweep', 'payload_expiry'])
      await runner.query(`DROP TABLE IF EXISTS ${table}`);
    for (const column of ['content_type', 'deliver_at', 'tags']) await runner.query(`ALTER TABLE message DROP COLUMN ${column}`);
  }
}

function tables(dialect: Dialect): string[] {
  const { id, name, text, time, count } = columnTypes[dialect];
  const table = (of: string, columns: string[]) =>
    `CREATE TABLE IF NOT EXISTS ${of} (${columns.join(', ')}) ${tableOptions[dialect]}`;
  const keys = dialect === 'mysql' ? ['KEY operational_event_due (due_at)'] : [];
  return [
    table('payload_expiry', [
      `payload_until ${time} NOT NULL`,
      `app_id ${id} NOT NULL`,
      `msg_id ${id} NOT NULL`,
      'PRIMARY KEY (payload_until, app_id, msg_id)',
    ]),
    table('payload_sweep', [`app_id ${id} NOT NULL`, `swept_to ${id} NOT NULL`, 'PRIMARY KEY (app_id)']),
    table('operational_event', [
      `id ${id} NOT NULL`,
      `type ${name} NOT NULL`,
      `app_id ${id} NOT NULL`,
      `data ${text} NOT NULL`,
      `tries ${count} NOT NULL DEFAULT 0`,
      `due_at ${time} NOT NULL`,
      'PRIMARY KEY (id)',
      ...keys,
    ]),
    ...(dialect === 'mysql' ? [] : ['CREATE INDEX IF NOT EXISTS operational_event_due ON operational_event (due_at)']),
    table('poller_cursor', [
      `app_id ${id} NOT NULL`,
      `endpoint_id ${id} NOT NULL`,
      `consumer ${name} NOT NULL`,
      `position ${id} NOT NULL`,
      `updated_at ${time} NOT NULL`,
      'PRIMARY KEY (app_id, endpoint_id, consumer)',
    ]),
  ];
}

/** Inserts the event types of operational webhooks, so that endpoints can filter by them. */
async function seedOperationalEventTypes(runner: QueryRunner, dialect: Dialect): Promise<void> {
  const ignoreExisting = dialect === 'mysql' ? 'ON DUPLICATE KEY UPDATE name = event_type.name' : 'ON CONFLICT DO NOTHING';
  const now = sqlTime(Date.now());
  for (const [name, description] of Object.entries(OPERATIONAL_EVENT_TYPES)) {
    await runner.query(
      `INSERT INTO event_type (org_id, name, description, archived, deprecated, created_at, updated_at)
       VALUES (?, ?, ?, 0, 0, ?, ?) ${ignoreExisting}`,
      [OPERATIONS_ORG, name, description, now, now],
    );
  }
}
