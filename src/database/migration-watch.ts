import { DataSource, type Logger } from 'typeorm';
import type { AppConfig } from '../config/config.js';
import type { Log } from '../observability/log.js';
import { dataSourceOptions, MIGRATION_LIMIT_MS, SILENT } from './data-source.js';
import { probeDatabase } from './database-probe.js';
import { DatabaseWatch, type Probe } from './database-watch.js';

const LOOK_EVERY_MS = 10_000;
const PROBE_LIMIT_MS = 5_000;
/** After so many looks without an answer the migration is given up. A server that builds an index may be slow to answer once. */
const MAX_MISSED = 3;
const MAX_SHOWN_CHARS = 300;

/**
 * Makes the connections of migrations, and watches them. A statement of a migration may take hours, so its time limit says nothing about the server. While
 * one runs, a line in the log says every 10 s what is waited for, and the server is asked on a connection of its own whether it still answers. If it does
 * not for three times, the connections are closed, and the migration fails with DatabaseSilent.
 */
export class MigrationWatch {
  private readonly connections: DatabaseWatch;
  private statement = '';
  private statementSince = 0;
  private missed = 0;
  private looking = false;

  constructor(
    private readonly probe: Probe,
    private readonly log: Log,
    private readonly lookEveryMs = LOOK_EVERY_MS,
  ) {
    this.connections = new DatabaseWatch(probe, log);
  }

  static of(config: AppConfig, log: Log): MigrationWatch {
    const { mysqlUrl } = config.database;
    return new MigrationWatch(async (limitMs, it) => (mysqlUrl ? probeDatabase(mysqlUrl, limitMs, it) : 'answered'), log);
  }

  /** A data source that is not connected yet. */
  dataSource(config: AppConfig): DataSource {
    const sockets = { addSocket: this.connections.addSocket.bind(this.connections) };
    const logger: Logger = { ...SILENT, logQuery: (statement) => this.began(statement) };
    return new DataSource({ ...dataSourceOptions(config, MIGRATION_LIMIT_MS, sockets), logger });
  }

  /** Does `work` with that data source. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    this.began('');
    const timer = setInterval(() => void this.look(), this.lookEveryMs).unref();
    try {
      return await work();
    } finally {
      clearInterval(timer);
    }
  }

  /** Closes all connections. */
  cut(): void {
    this.connections.cut();
  }

  private began(statement: string): void {
    this.statement = statement;
    this.statementSince = performance.now();
  }

  private async look(): Promise<void> {
    if (this.looking) return;
    this.looking = true;
    const answers = (await this.probe(PROBE_LIMIT_MS, this.connections)) === 'answered';
    this.looking = false;
    this.missed = answers ? 0 : this.missed + 1;
    const facts = {
      waitsFor: this.statement.includes('GET_LOCK') ? 'another process that is migrating' : 'the database',
      databaseAnswers: answers,
      statement: this.statement.replace(/\s+/g, ' ').trim().slice(0, MAX_SHOWN_CHARS),
      forMs: Math.round(performance.now() - this.statementSince),
    };
    if (answers) this.log.info('migration.running', facts);
    else this.log.warn('migration.running', facts);
    if (this.missed >= MAX_MISSED) this.cut();
  }
}
