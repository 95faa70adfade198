import type { MigrationInterface, QueryRunner } from 'typeorm';
import { addIndexIfMissing, dropIndex } from '../dialect.js';

/** Indexes that find deleted applications and endpoints by the time of their deletion, so that their rows can be removed. */
export class DeletionTimes1765411200000 implements MigrationInterface {
  readonly name = 'DeletionTimes1765411200000';

  async up(runner: QueryRunner): Promise<void> {
    for (const index of INDEXES) await addIndexIfMissing(runner, index);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const index of INDEXES) await dropIndex(runner, index);
  }
}

const INDEXES = ['application', 'endpoint'].map((table) => ({ table, name: `${table}_deleted`, columns: 'deleted, updated_at' }));
