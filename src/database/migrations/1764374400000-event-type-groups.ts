import type { MigrationInterface, QueryRunner } from 'typeorm';
import { addColumnIfMissing, columnTypes, dialectOf } from '../dialect.js';

/** All flags of an event type, of which the previous release knows only the first, and the group of an event type. */
export class EventTypeGroups1764374400000 implements MigrationInterface {
  readonly name = 'EventTypeGroups1764374400000';

  async up(runner: QueryRunner): Promise<void> {
    const { text, name } = columnTypes[dialectOf(runner.connection)];
    await addColumnIfMissing(runner, 'event_type', 'feature_flags', `${text} NULL`);
    await addColumnIfMissing(runner, 'event_type', 'group_name', `${name} NULL`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const column of ['feature_flags', 'group_name']) await runner.query(`ALTER TABLE event_type DROP COLUMN ${column}`);
  }
}
