import type { MigrationInterface, QueryRunner } from 'typeorm';
import { OPERATIONAL_EVENT_TYPES, OPERATIONS_ORG } from '../../domain/operational-event.js';
import { addColumnIfMissing, columnTypes, dialectOf, sqlTime, tableOptions } from '../dialect.js';

/** The sealed password of URLs, the row that turns the binding of sealed texts on, and the event type of operational webhooks about endpoints that can't be opened. */
export class Sealing1764806400000 implements MigrationInterface {
  readonly name = 'Sealing1764806400000';

  async up(runner: QueryRunner): Promise<void> {
    const dialect = dialectOf(runner.connection);
    const { id, time, text } = columnTypes[dialect];
    await addColumnIfMissing(runner, 'endpoint', 'sealed_password', `${text} NULL`);
    await runner.query(
      `CREATE TABLE IF NOT EXISTS sealing_mode (name ${id} NOT NULL, since ${time} NOT NULL, PRIMARY KEY (name)) ${tableOptions[dialect]}`,
    );
    const ignoreExisting = dialect === 'mysql' ? 'ON DUPLICATE KEY UPDATE name = event_type.name' : 'ON CONFLICT DO NOTHING';
    const now = sqlTime(Date.now());
    await runner.query(
      `INSERT INTO event_type (org_id, name, description, archived, deprecated, created_at, updated_at)
       VALUES (?, 'endpoint.unreadable', ?, 0, 0, ?, ?) ${ignoreExisting}`,
      [OPERATIONS_ORG, OPERATIONAL_EVENT_TYPES['endpoint.unreadable'], now, now],
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE endpoint DROP COLUMN sealed_password');
    await runner.query('DROP TABLE IF EXISTS sealing_mode');
    await runner.query(`DELETE FROM event_type WHERE org_id = ? AND name = 'endpoint.unreadable'`, [OPERATIONS_ORG]);
  }
}
