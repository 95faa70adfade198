import type { DataSource } from 'typeorm';
import type { Log } from '../observability/log.js';
import { dialectOf } from './dialect.js';
import { DatabaseAway } from './errors.js';

const LOCK_WAIT_SECONDS = 120;

/**
 * Runs the missing migrations under a lock. If two processes start it, one runs and the other waits and finds nothing to do. On SQLite the
 * lock on the data folder is enough, which the process holds already.
 *
 * If the process dies, or a migration fails: SQLite rolls the migration back. MySQL can't, so the statements that ran before stay, and
 * the next run starts this migration again.
 *
 * @throws DatabaseAway if the lock is not free in time; driver errors
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

/** Waits one second at a time, so that no statement exceeds its time limit. */
async function waitForLock(lock: string, query: (sql: string) => Promise<{ got: number | string | null }[]>): Promise<void> {
  for (let waited = 0; waited < LOCK_WAIT_SECONDS; waited++) {
    const [row] = await query(`SELECT GET_LOCK(${lock}, 1) AS got`);
    if (Number(row?.got) === 1) return;
  }
  throw new DatabaseAway(
    `Another process has been migrating this database for ${LOCK_WAIT_SECONDS} s. Try again when it has finished.`,
  );
}

async function run(dataSource: DataSource, log: Log): Promise<void> {
  const done = await dataSource.runMigrations({ transaction: 'each' });
  for (const migration of done) log.info('migration.applied', { migration: migration.name });
  log.info('migration.finished', { applied: done.length });
}
