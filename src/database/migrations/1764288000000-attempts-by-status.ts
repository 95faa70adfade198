import type { MigrationInterface, QueryRunner } from 'typeorm';
import { changeIndex } from '../dialect.js';

const INDEX = 'attempt_by_endpoint';

/**
 * Adds the status to the index of attempts by endpoint, so that failed attempts are found without reading the successful ones. The index
 * keeps its name, because the statements of the previous release use it by name. They work with the new columns, but read more rows.
 */
export class AttemptsByStatus1764288000000 implements MigrationInterface {
  readonly name = 'AttemptsByStatus1764288000000';

  async up(runner: QueryRunner): Promise<void> {
    await changeIndex(runner, 'attempt', INDEX, ['endpoint_id', 'status', 'id']);
  }

  async down(runner: QueryRunner): Promise<void> {
    await changeIndex(runner, 'attempt', INDEX, ['endpoint_id', 'id']);
  }
}
