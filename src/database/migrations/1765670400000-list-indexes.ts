import type { MigrationInterface, QueryRunner } from 'typeorm';
import { addIndexIfMissing, dropIndex, type Index } from '../dialect.js';

/**
 * Indexes for what read or sorted a whole table: dead letters of all organisations and of one endpoint, the usage of all organisations, and
 * the operational events of a deleted application. None of these tables is written for each message.
 */
export class ListIndexes1765670400000 implements MigrationInterface {
  readonly name = 'ListIndexes1765670400000';

  async up(runner: QueryRunner): Promise<void> {
    for (const index of INDEXES) await addIndexIfMissing(runner, index);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const index of INDEXES) await dropIndex(runner, index);
  }
}

const INDEXES: Index[] = [
  { table: 'dead_letter', name: 'dead_letter_by_id', columns: 'id' },
  { table: 'dead_letter', name: 'dead_letter_by_endpoint', columns: 'app_id, endpoint_id' },
  // The list has the newest day first, and the organisations of a day in their order. Servers that know no descending index sort.
  { table: 'organization_usage', name: 'organization_usage_list', columns: 'day DESC, org_id, key_id' },
  { table: 'operational_event', name: 'operational_event_by_app', columns: 'app_id' },
];
