import type { MigrationInterface, QueryRunner } from 'typeorm';
import { columnTypes, dialectOf, tableOptions, type Dialect } from '../dialect.js';

/** The idempotency keys of messages, until they expire. */
export class MessageKeys1764460800000 implements MigrationInterface {
  readonly name = 'MessageKeys1764460800000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of statements(dialectOf(runner.connection))) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE IF EXISTS message_key');
  }
}

function statements(dialect: Dialect): string[] {
  const { id, time } = columnTypes[dialect];
  const columns = [
    `app_id ${id} NOT NULL`,
    `hash ${id} NOT NULL`,
    `msg_id ${id} NOT NULL`,
    `expires_at ${time} NOT NULL`,
    'PRIMARY KEY (app_id, hash)',
    ...(dialect === 'mysql' ? ['KEY message_key_expires (expires_at)'] : []),
  ];
  const table = `CREATE TABLE IF NOT EXISTS message_key (${columns.join(', ')}) ${tableOptions[dialect]}`;
  if (dialect === 'mysql') return [table];
  return [table, 'CREATE INDEX IF NOT EXISTS message_key_expires ON message_key (expires_at)'];
}
