import type { MigrationInterface, QueryRunner } from 'typeorm';
import { addColumnIfMissing, columnTypes, dialectOf, sqlTime, tableOptions, type Dialect } from '../dialect.js';

/**
 * Counts of attempts for charts: by endpoint, and by organisation. They are made in the background, so nothing is counted here. The rows of
 * `shared_work` say which process counts, and how far it has come.
 */
export class AttemptCounts1766275200000 implements MigrationInterface {
  readonly name = 'AttemptCounts1766275200000';

  async up(runner: QueryRunner): Promise<void> {
    const dialect = dialectOf(runner.connection);
    for (const statement of TABLES.flatMap((table) => statements(dialect, table))) await runner.query(statement);
    await addColumnIfMissing(runner, 'shared_work', 'progress', `${columnTypes[dialect].name} NULL`);
    const ignoreExisting = dialect === 'mysql' ? 'ON DUPLICATE KEY UPDATE name = shared_work.name' : 'ON CONFLICT DO NOTHING';
    for (const name of WORKS)
      await runner.query(`INSERT INTO shared_work (name, owner, due_at) VALUES (?, '', ?) ${ignoreExisting}`, [name, sqlTime(0)]);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const { name } of TABLES) await runner.query(`DROP TABLE IF EXISTS ${name}`);
    for (const name of WORKS) await runner.query('DELETE FROM shared_work WHERE name = ?', [name]);
    await runner.query('ALTER TABLE shared_work DROP COLUMN progress');
  }
}

const WORKS = ['attempt_counts', 'attempt_backfill', 'old_counts'];

/** Latencies by slot: how many did not exceed so many ms. */
const SLOTS = [5, 10, 20, 40, 70, 100, 150, 250, 400, 700, 1_000, 2_000, 4_000, 8_000, 16_000].map((limit) => `ms_${limit}`);

interface CountTable {
  name: string;
  /** The columns of the key: `name` or `id` is the type. */
  key: Record<string, 'name' | 'id' | 'small' | 'count'>;
  index: { name: string; columns: string };
}

const BUCKET = { step: 'small', begins: 'count' } as const;

const TABLES: CountTable[] = [
  {
    name: 'attempt_count',
    key: { org_id: 'name', ...BUCKET, app_id: 'id', endpoint_id: 'id' },
    index: { name: 'attempt_count_by_app', columns: 'app_id, step, begins' },
  },
  {
    name: 'attempt_total',
    key: { org_id: 'name', ...BUCKET },
    index: { name: 'attempt_total_by_time', columns: 'step, begins' },
  },
];

function statements(dialect: Dialect, { name, key, index }: CountTable): string[] {
  const types = columnTypes[dialect];
  const columns = [
    ...Object.entries(key).map(([column, type]) => `${column} ${types[type]} NOT NULL`),
    ...['delivered', 'failed', ...SLOTS, 'ms_more'].map((column) => `${column} ${types.count} NOT NULL`),
    `PRIMARY KEY (${Object.keys(key).join(', ')})`,
    ...(dialect === 'mysql' ? [`KEY ${index.name} (${index.columns})`] : []),
  ];
  const table = `CREATE TABLE IF NOT EXISTS ${name} (${columns.join(', ')}) ${tableOptions[dialect]}`;
  if (dialect === 'mysql') return [table];
  return [table, `CREATE INDEX IF NOT EXISTS ${index.name} ON ${name} (${index.columns})`];
}
