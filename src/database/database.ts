import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { APP_CONFIG, type AppConfig } from '../config/config.js';
import { errorFields, Log } from '../observability/log.js';
import { withTimeout } from '../async/time-limit.js';
import { createDataSource, MIGRATION_LIMIT_MS, MIGRATIONS_TABLE } from './data-source.js';
import { DatabaseClock, databaseTime } from './database-clock.js';
import { dialectOf } from './dialect.js';
import { DatabaseAway, isPassing, refusalOf, SchemaTooOld } from './errors.js';
import { migrate } from './migrate.js';
import { CONNECT_LIMIT_MS } from './mysql-limits.js';

const FIRST_PAUSE_MS = 200;
const MAX_PAUSE_MS = 5_000;

/**
 * The connection to the database: waited for at the start, checked for its schema, closed last.
 *
 * A database that is away, or a lock that is held, does not end the process: it listens, isn't ready, and tries again with back-off.
 * Anything else does at the start, since it would come again each time: a schema that is too old, a migration that is refused, wrong
 * credentials. Then `fatal` resolves, and whoever runs the process ends it. Once it was ready, nothing here ends it any more.
 */
@Injectable()
export class Database implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly opened = Promise.withResolvers<void>();
  private readonly ended = Promise.withResolvers<Error>();
  private closing = false;
  private isOpen = false;
  private initializing: Promise<unknown> | null = null;

  /** Resolves once the database is connected and its schema is good. */
  readonly ready: Promise<void> = this.opened.promise;
  /** Resolves with the reason when the process can't go on. */
  readonly fatal: Promise<Error> = this.ended.promise;

  constructor(
    @Inject(APP_CONFIG) private readonly config: AppConfig,
    private readonly dataSource: DataSource,
    private readonly clock: DatabaseClock,
    private readonly log: Log,
  ) {}

  /** Connected is not enough: until the schema is there, nobody may ask. */
  get isReady(): boolean {
    return this.isOpen && this.dataSource.isInitialized;
  }

  async onApplicationBootstrap(): Promise<void> {
    const connecting = this.connect();
    if (dialectOf(this.dataSource) === 'sqlite') await connecting;
  }

  /** Throws DatabaseAway where nothing may be asked yet. */
  assertReady(): void {
    if (!this.isReady) throw new DatabaseAway('The database is not connected yet.');
  }

  /** One cheap round trip, for the health check; it tells what time it is at the database. */
  async ping(): Promise<void> {
    this.assertReady();
    const askedAt = this.clock.own();
    this.clock.learn(await databaseTime(this.dataSource), askedAt);
  }

  onApplicationShutdown(): void {
    this.closing = true;
  }

  private async connect(): Promise<void> {
    let awaySince: number | null = null;
    for (let pause = FIRST_PAUSE_MS; !this.closing; pause = Math.min(pause * 2, MAX_PAUSE_MS)) {
      try {
        await this.open();
        if (awaySince !== null) this.log.info('database.back', { awayMs: Math.round(performance.now() - awaySince) });
        this.opened.resolve();
        return;
      } catch (error) {
        if (!isPassing(error) || dialectOf(this.dataSource) === 'sqlite') {
          this.ended.resolve(refusalOf(error));
          return;
        }
        awaySince ??= performance.now();
        this.log.warn('database.away', { ...errorFields(error), nextTryMs: pause });
        await new Promise((wake) => setTimeout(wake, pause).unref());
      }
    }
  }

  private async open(): Promise<void> {
    await withLimit(() => this.initialize());
    try {
      if (this.config.database.migrateOnStart) await this.migrate();
      else await assertSchema(this.dataSource);
    } catch (error) {
      await this.dataSource.destroy().catch(() => undefined);
      throw error;
    }
    this.isOpen = true;
    this.log.info('database.connected', { dialect: dialectOf(this.dataSource) });
  }

  /** One that takes too long goes on, and the next try waits for it: TypeORM takes no second one beside or after it. */
  private async initialize(): Promise<void> {
    if (this.dataSource.isInitialized) return;
    this.initializing ??= this.dataSource.initialize().finally(() => (this.initializing = null));
    await this.initializing;
  }

  /** On a server over a connection of its own, whose statements may take longer than a request waits. */
  private async migrate(): Promise<void> {
    if (dialectOf(this.dataSource) === 'sqlite') return migrate(this.dataSource, this.log);
    const own = createDataSource(this.config, MIGRATION_LIMIT_MS);
    const initializing = own.initialize();
    try {
      await withLimit(() => initializing);
      await migrate(own, this.log);
    } finally {
      // One that comes too late is closed then, and not waited for.
      const closing = initializing.then(() => own.destroy()).catch(() => undefined);
      if (own.isInitialized) await closing;
    }
  }
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
      `The database schema is older than this version needs (missing: ${missing.join(', ')}). ` +
        'Run "node dist/cli.js migrate" with the same configuration first, or set MIGRATE_ON_START=true.',
    );
  }
}

function withLimit<T>(work: () => Promise<T>): Promise<T> {
  const limitMs = CONNECT_LIMIT_MS * 2;
  return withTimeout(limitMs, work, { late: () => new DatabaseAway(`No connection within ${limitMs} ms.`) });
}
