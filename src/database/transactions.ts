import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { dialectOf, isTidb } from './dialect.js';
import { isLockConflict } from './errors.js';
import { Mutex } from '../async/mutex.js';
import { endSqliteTransaction } from './typeorm-internals.js';

const TRIES = 3;

/**
 * Runs all writes of the API, each in a transaction.
 *
 * On MySQL the isolation level is READ COMMITTED. After a lock conflict the transaction runs again, up to three times in all. SQLite has
 * one connection, so a mutex allows one write at a time: a second BEGIN on the connection would fail or join the first transaction. A command may
 * write to the file at the same time, so a transaction takes SQLite's lock for writers before it reads.
 *
 * If the process dies: the database rolls the transaction back.
 */
@Injectable()
export class Transactions {
  readonly mutex = new Mutex();

  constructor(private readonly dataSource: DataSource) {}

  /** Runs `work` in one transaction. It may run more than once, so it must do nothing but SQL. */
  write<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    if (dialectOf(this.dataSource) === 'sqlite') return this.mutex.run(() => this.writeSqlite(work));
    return this.withRetries(() => this.dataSource.transaction('READ COMMITTED', work));
  }

  /** Runs one statement that is a transaction of its own. It may run more than once. On TiDB only a BEGIN makes it keep to the lock wait timeout. */
  async writeOnce<T = unknown>(sql: string, values: unknown[]): Promise<T> {
    const run = () => this.dataSource.query<T>(sql, values);
    if (dialectOf(this.dataSource) === 'sqlite') return this.mutex.run(run);
    if (await isTidb(this.dataSource)) return this.write((manager) => manager.query<T>(sql, values));
    return this.withRetries(run);
  }

  private async writeSqlite<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    try {
      return await this.dataSource.transaction((manager) => lockFile(manager).then(() => work(manager)));
    } catch (error) {
      endSqliteTransaction(this.dataSource);
      throw error;
    }
  }

  private async withRetries<T>(work: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await work();
      } catch (error) {
        if (attempt >= TRIES || !isLockConflict(error)) throw error;
      }
    }
  }
}

/**
 * Changes no row, and takes the lock for writers. TypeORM begins transactions without it. Then a transaction that reads first would fail if another process
 * wrote between its first read and its first write.
 */
async function lockFile(manager: EntityManager): Promise<void> {
  await manager.query('UPDATE application SET version = version WHERE 0');
}
