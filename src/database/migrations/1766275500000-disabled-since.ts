import type { MigrationInterface, QueryRunner } from 'typeorm';
import { addColumnIfMissing, columnTypes, dialectOf } from '../dialect.js';

/** Since when an endpoint is disabled, and why. Null where the previous release disabled it, which does not know the columns. */
export class DisabledSince1766275500000 implements MigrationInterface {
  readonly name = 'DisabledSince1766275500000';

  async up(runner: QueryRunner): Promise<void> {
    const { name, time } = columnTypes[dialectOf(runner.connection)];
    await addColumnIfMissing(runner, 'endpoint', 'disabled_at', `${time} NULL`);
    await addColumnIfMissing(runner, 'endpoint', 'disabled_because', `${name} NULL`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const column of ['disabled_because', 'disabled_at']) await runner.query(`ALTER TABLE endpoint DROP COLUMN ${column}`);
  }
}
