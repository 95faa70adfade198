import type { DataSource } from 'typeorm';
import type { Log } from '../observability/log.js';
import { dialectOf } from './dialect.js';
import { DatabaseAway } from './errors.js';

const LOCK_WAIT_SECONDS = 120;

/**
 * Runs what is missing of the migrations, under a lock: of two at once one runs, the other waits and finds nothing to do.
 * On SQLite the lock is the one of the data folder, which the process holds already. Throws DatabaseAway when the lock isn't free in time,
 * else what the database says; then what of a migration was done before stays, where the database can't undo it.
 */
export async function migrate(dataSource: DataSource, log: Log): Promise<void> {
  if (dialectOf(dataSource) === 'sqlite') return run(dataSource, log);
  const runner = dataSource.createQueryRunner();
  const lock = "CONCAT('posthorn.migrate.', LEFT(SHA2(DATABASE(), 256), 40))";
  try {
    const [row]: { got: number | string | null }[] = await runner.query(`SELECT GET_LOCK(${lock}, 0) AS got`);
    if (Number(row?.got) !== 1) {
      log.info('migration.waiting', { reason: 'another process is migrating' });
      await waitForLock(lock, (sql) => runner.query(sql) as Promise<{ got: number | string | null }[]>);
    }
    await run(dataSource, log);
    await runner.query(`SELECT RELEASE_LOCK(${lock})`);
  } finally {
    await runner.release();
  }
}

/** Asks once a second, so that no single statement outlives the limit on statements. */
async function waitForLock(lock: string, query: (sql: string) => Promise<{ got: number | string | null }[]>): Promise<void> {
  for (let waited = 0; waited < LOCK_WAIT_SECONDS; waited++) {
    const [row] = await query(`SELECT GET_LOCK(${lock}, 1) AS got`);
    if (Number(row?.got) === 1) return;
  }
  throw new DatabaseAway(
    `Another process has been migrating this database for ${LOCK_WAIT_SECONDS} s. Try again when it is done.`,
  );
}

async function run(dataSource: DataSource, log: Log): Promise<void> {
  const done = await dataSource.runMigrations({ transaction: 'each' });
  for (const migration of done) log.info('migration.applied', { migration: migration.name });
  log.info('migration.finished', { applied: done.length });
}
