import type { MigrationInterface, QueryRunner } from 'typeorm';
import { changeIndex } from '../dialect.js';

const INDEX = 'attempt_by_endpoint';

/**
 * The attempts of an endpoint by status, so that its failed ones are found without reading the others. The index keeps its name:
 * the release before asks for it by that, and goes on working, though it reads more.
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
