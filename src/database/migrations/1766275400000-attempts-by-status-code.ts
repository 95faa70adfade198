import type { MigrationInterface, QueryRunner } from 'typeorm';
import { changeIndex } from '../dialect.js';

const INDEX = 'attempt_by_endpoint';

/**
 * Adds the status code to the index of attempts by endpoint, as its last column: a list of a class of codes then decides by the index which
 * attempts it reads. The index keeps its name, because the statements of the previous release use it by name, and they read it as before.
 */
export class AttemptsByStatusCode1766275400000 implements MigrationInterface {
  readonly name = 'AttemptsByStatusCode1766275400000';

  async up(runner: QueryRunner): Promise<void> {
    await changeIndex(runner, 'attempt', INDEX, ['endpoint_id', 'status', 'id', 'status_code']);
  }

  async down(runner: QueryRunner): Promise<void> {
    await changeIndex(runner, 'attempt', INDEX, ['endpoint_id', 'status', 'id']);
  }
}
