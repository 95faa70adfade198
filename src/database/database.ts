import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { APP_CONFIG, type AppConfig } from '../config/config.js';
import { errorFields, Log } from '../observability/log.js';
import { TimedOut, withTimeout } from '../async/time-limit.js';
import { timeOf } from '../domain/ids.js';
import { MIGRATIONS_TABLE } from './data-source.js';
import { DatabaseClock, databaseTime } from './database-clock.js';
import { DatabaseWatch } from './database-watch.js';
import { dialectOf, isTidb } from './dialect.js';
import { DatabaseAway, isTransient, refusalOf, SchemaTooOld } from './errors.js';
import { migrate } from './migrate.js';
import { MigrationWatch } from './migration-watch.js';
import { CONNECT_LIMIT_MS } from './mysql-limits.js';
import { assertServerLimits } from './server-limits.js';
import { adviceOn } from './write-state.js';

const FIRST_PAUSE_MS = 200;
const MAX_PAUSE_MS = 1_000;
/** While the database is away at the start, that is logged so often. */
const LOG_EVERY_MS = 10_000;
/** A ping that takes longer is not answered any more, as far as can be told. */
const PING_LIMIT_MS = 1_000;
/** Ids of two such steps of time are in order, whichever process makes them. */
const ID_STEP_MS = 4;

/**
 * Connects to the database at the start, runs or checks the migrations, and closes the connection last.
 *
 * If the database can't be reached, or a lock is held: the process listens, is not ready, and tries again with back-off.
 * If the schema is too old, a migration fails or the credentials are wrong: `fatal` resolves, and the process must end, because every
 * further try would fail too. So it does if the embedded database can't be opened: its file is on this machine, and whoever started the process can look.
 * After the database was ready once, errors no longer end the process.
 */
@Injectable()
export class Database implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly opened = Promise.withResolvers<void>();
  private readonly failed = Promise.withResolvers<Error>();
  private closing = false;
  private isOpen = false;
  private refusal: string | null = null;
  private initializing: Promise<unknown> | null = null;

  /** Resolves when the database is connected and has all migrations. */
  readonly ready: Promise<void> = this.opened.promise;
  /** Resolves with the reason when the process must end. */
  readonly fatal: Promise<Error> = this.failed.promise;

  constructor(
    @Inject(APP_CONFIG) private readonly config: AppConfig,
    private readonly dataSource: DataSource,
    private readonly clock: DatabaseClock,
    private readonly watch: DatabaseWatch,
    private readonly log: Log,
  ) {}

  /** Whether queries may run: connected, and the schema has all migrations. */
  get isReady(): boolean {
    return this.isOpen && this.dataSource.isInitialized;
  }

  async onApplicationBootstrap(): Promise<void> {
    const connecting = this.connect();
    if (dialectOf(this.dataSource) === 'sqlite') await connecting;
  }

  /** Throws DatabaseAway if queries may not run yet, would get no answer, or would be of no use. */
  assertReady(): void {
    if (this.refusal !== null) throw new DatabaseAway(this.refusal);
    this.assertConnected();
  }

  /** From now on `assertReady` throws with this text, because what is written would not last; null: no longer. */
  refuse(why: string | null): void {
    this.refusal = why;
  }

  private assertConnected(): void {
    if (!this.isReady) throw new DatabaseAway('The database is not connected yet.');
    this.watch.assertNotSilent();
  }

  /** One cheap round trip for the health check. It also corrects the DatabaseClock. Throws DatabaseAway and driver errors. */
  async ping(): Promise<void> {
    this.assertConnected();
    const askedAt = this.clock.own();
    try {
      this.clock.learn(await withTimeout(PING_LIMIT_MS, () => databaseTime(this.dataSource)), askedAt);
    } catch (error) {
      if (error instanceof TimedOut) this.watch.suspect();
      throw error;
    }
  }

  onApplicationShutdown(): void {
    this.closing = true;
    this.watch.stop();
  }

  private async connect(): Promise<void> {
    let awaySince: number | null = null;
    let loggedAt = Number.NEGATIVE_INFINITY;
    for (let pause = FIRST_PAUSE_MS; !this.closing; pause = Math.min(pause * 2, MAX_PAUSE_MS)) {
      try {
        await this.open();
        if (awaySince !== null) this.log.info('database.back', { awayMs: Math.round(performance.now() - awaySince) });
        this.opened.resolve();
        return;
      } catch (error) {
        if (!isTransient(error) || dialectOf(this.dataSource) === 'sqlite') {
          this.failed.resolve(refusalOf(error, adviceOn(error)));
          return;
        }
        awaySince ??= performance.now();
        if (performance.now() - loggedAt >= LOG_EVERY_MS) {
          loggedAt = performance.now();
          this.log.warn('database.away', { ...errorFields(error), triesEveryMs: MAX_PAUSE_MS });
        }
        await new Promise((wake) => setTimeout(wake, pause).unref());
      }
    }
  }

  private async open(): Promise<void> {
    await this.inTime(() => this.initialize());
    try {
      if (this.config.database.migrateOnStart) await this.migrate();
      else await this.inTime(() => assertSchema(this.dataSource));
      // Asked once, here: within a transaction the question would need a second connection.
      if (dialectOf(this.dataSource) === 'mysql') await this.inTime(() => isTidb(this.dataSource));
      await this.inTime(() => assertServerLimits(this.dataSource));
      if (dialectOf(this.dataSource) === 'sqlite') this.clock.neverBefore(await afterNewestMessage(this.dataSource));
    } catch (error) {
      await this.dataSource.destroy().catch(() => undefined);
      throw error;
    }
    this.isOpen = true;
    this.log.info('database.connected', { dialect: dialectOf(this.dataSource) });
  }

  /** Work of the start that takes too long ends with its connections, so that the next try begins anew. Nothing else uses them yet. */
  private async inTime(work: () => Promise<unknown>): Promise<void> {
    try {
      await withLimit(work);
    } catch (error) {
      if (error instanceof DatabaseAway) this.watch.cut();
      throw error;
    }
  }

  /** TypeORM allows no second one at the same time. */
  private async initialize(): Promise<void> {
    if (this.dataSource.isInitialized) return;
    this.initializing ??= this.dataSource.initialize().finally(() => (this.initializing = null));
    await this.initializing;
  }

  /** On a server the migrations have their own connection, because their statements need a longer time limit. */
  private async migrate(): Promise<void> {
    if (dialectOf(this.dataSource) === 'sqlite') return void (await migrate(this.dataSource, this.log));
    const watch = MigrationWatch.of(this.config, this.log);
    const separate = watch.dataSource(this.config);
    const initializing = separate.initialize();
    try {
      await withLimit(() => initializing);
      await watch.during(() => migrate(separate, this.log));
    } catch (error) {
      watch.cut();
      throw error;
    } finally {
      // A connection that opens only after the limit is closed as well, without waiting for it.
      const closing = initializing.then(() => separate.destroy()).catch(() => undefined);
      if (separate.isInitialized) await closing;
    }
  }
}

/** When ids are later than that of the newest message, ms since 1970; 0 if there is none. */
async function afterNewestMessage(dataSource: DataSource): Promise<number> {
  const newest = '(SELECT max(id) FROM message WHERE app_id = application.id)';
  const [row] = (await dataSource.query(`SELECT max(${newest}) AS id FROM application`)) as [{ id: string | null }];
  return row.id === null ? 0 : timeOf(row.id) + ID_STEP_MS;
}

async function assertSchema(dataSource: DataSource): Promise<void> {
  const needed = dataSource.migrations.map((migration) => migration.name ?? migration.constructor.name);
  const rows: { name: string }[] = await dataSource.query(`SELECT name FROM ${MIGRATIONS_TABLE}`).catch((error: unknown) => {
    if ((error as { driverError?: { errno?: number } }).driverError?.errno === 1146) return [];
    throw error;
  });
  const applied = new Set(rows.map((row) => row.name));
  const missing = needed.filter((name) => !applied.has(name));
  if (missing.length > 0) {
    throw new SchemaTooOld(
      'The database schema is older than this version needs. Run "node dist/cli.js migrate" with the same configuration first, ' +
        `or set MIGRATE_ON_START=true. Missing: ${missing.join(', ')}.`,
    );
  }
}

function withLimit<T>(work: () => Promise<T>): Promise<T> {
  const limitMs = CONNECT_LIMIT_MS;
  return withTimeout(limitMs, work, { late: () => new DatabaseAway(`No connection within ${limitMs} ms.`) });
}
