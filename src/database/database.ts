import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { APP_CONFIG, type AppConfig } from '../config/config.js';
import { errorFields, Log } from '../observability/log.js';
import { CONNECT_LIMIT_MS, MIGRATIONS_TABLE, SESSION_SETTINGS } from './data-source.js';
import { DatabaseClock, databaseTime } from './database-clock.js';
import { dialectOf } from './dialect.js';
import { DatabaseAway, SchemaTooOld } from './errors.js';
import { migrate } from './migrate.js';

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5_000;

interface EventfulPool {
  on(event: 'connection', listener: (connection: { query(sql: string): void }) => void): void;
}

/**
 * The connection to the database: waited for at the start, checked for its schema, closed last.
 *
 * A database that is away does not end the process: it listens, isn't ready, and tries again with back-off. A schema that is
 * too old does: `fatal` resolves, and whoever runs the process ends it.
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
    for (let pause = FIRST_PAUSE_MS; !this.closing; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      try {
        await this.open();
        this.opened.resolve();
        return;
      } catch (error) {
        if (error instanceof SchemaTooOld || dialectOf(this.dataSource) === 'sqlite') {
          this.ended.resolve(error as Error);
          return;
        }
        this.log.warn('database.away', { ...errorFields(error), nextTryMs: pause });
        await new Promise((wake) => setTimeout(wake, pause).unref());
      }
    }
  }

  private async open(): Promise<void> {
    await withLimit(this.initialize(), CONNECT_LIMIT_MS * 2);
    try {
      await this.prepareSessions();
      if (this.config.database.migrateOnStart) await migrate(this.dataSource, this.log);
      else await assertSchema(this.dataSource);
    } catch (error) {
      await this.dataSource.destroy();
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

  /** Connections that the pool opens later are set by the event; the one that exists already, by hand. */
  private async prepareSessions(): Promise<void> {
    if (dialectOf(this.dataSource) === 'sqlite') return;
    const { pool } = this.dataSource.driver as unknown as { pool: EventfulPool };
    pool.on('connection', (connection) => SESSION_SETTINGS.forEach((setting) => connection.query(setting)));
    for (const setting of SESSION_SETTINGS) await this.dataSource.query(setting);
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

async function withLimit<T>(work: Promise<T>, limitMs: number): Promise<T> {
  const limit = Promise.withResolvers<never>();
  const timer = setTimeout(() => limit.reject(new DatabaseAway(`No connection within ${limitMs} ms.`)), limitMs);
  try {
    return await Promise.race([work, limit.promise]);
  } finally {
    clearTimeout(timer);
  }
}
