import type { DataSource } from 'typeorm';
import type { Log } from '../observability/log.js';
import { dialectOf } from './dialect.js';
import { DatabaseAway, isForbidden, refusalOf } from './errors.js';
import { turnBindingOn } from './sealing-mode.js';

const LOCK_WAIT_SECONDS = 120;

/** The name of the lock, for SQL. Each database of a server has its own. */
const LOCK = "CONCAT('posthorn.migrate.', LEFT(SHA2(DATABASE(), 256), 40))";
const ADVICE =
  'This user may not change tables: run "node dist/cli.js migrate" with one that may in DATABASE_MIGRATION_URL, and leave MIGRATE_ON_START away.';

/** Runs one statement on one and the same connection. */
type Ask = (sql: string) => Promise<unknown>;

/**
 * Runs the missing migrations under a lock, and returns their names. If two processes start it, one runs and the other waits and finds nothing to do. On SQLite the
 * lock on the data folder is enough, which the process holds already.
 *
 * If the process dies, or a migration fails: SQLite rolls the migration back. MySQL can't, so the statements that ran before stay, and
 * the next run starts this migration again.
 *
 * @throws DatabaseAway if the lock is not free in time; DatabaseRefused without the right to change tables; driver errors
 */
export async function migrate(dataSource: DataSource, log: Log): Promise<string[]> {
  if (dialectOf(dataSource) === 'sqlite') return run(dataSource, log);
  const runner = dataSource.createQueryRunner();
  try {
    return await withMigrationLock(
      (sql) => runner.query(sql),
      log,
      () => run(dataSource, log),
    );
  } finally {
    await runner.release();
  }
}

/**
 * Does `work` while `ask`'s connection holds the lock of the migrations of its database. The server frees the lock if the connection ends.
 *
 * @throws DatabaseAway if the lock is not free in time
 */
export async function withMigrationLock<T>(ask: Ask, log: Log, work: () => Promise<T>): Promise<T> {
  if (!(await tryLock(ask, 0))) {
    log.info('migration.waiting', { reason: 'another process is migrating' });
    await waitForLock(ask);
  }
  const result = await work();
  await ask(`SELECT RELEASE_LOCK(${LOCK})`);
  return result;
}

/** Waits one second at a time, so that no statement exceeds its time limit. */
async function waitForLock(ask: Ask): Promise<void> {
  for (let waited = 0; waited < LOCK_WAIT_SECONDS; waited++) if (await tryLock(ask, 1)) return;
  throw new DatabaseAway(
    `Another process has been migrating this database for ${LOCK_WAIT_SECONDS} s. Try again when it has finished.`,
  );
}

async function tryLock(ask: Ask, seconds: number): Promise<boolean> {
  const [row] = (await ask(`SELECT GET_LOCK(${LOCK}, ${seconds}) AS got`)) as { got: number | string | null }[];
  return Number(row?.got) === 1;
}

async function run(dataSource: DataSource, log: Log): Promise<string[]> {
  try {
    const done = await dataSource.runMigrations({ transaction: 'each' });
    for (const migration of done) log.info('migration.applied', { migration: migration.name });
    // The database was empty, so no process of an older release works on it.
    if (done.length === dataSource.migrations.length) await turnBindingOn(dataSource);
    log.info('migration.finished', { applied: done.length });
    return done.map((migration) => migration.name);
  } catch (error) {
    throw isForbidden(error) ? refusalOf(error, ADVICE) : error;
  }
}
