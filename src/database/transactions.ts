import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { dialectOf } from './dialect.js';
import { isLockConflict } from './errors.js';
import { Mutex } from '../async/mutex.js';

const TRIES = 3;

/**
 * Runs all writes of the API, each in a transaction.
 *
 * On MySQL the isolation level is READ COMMITTED. After a lock conflict the transaction runs again, up to three times in all. SQLite has
 * one connection, so a mutex allows one write at a time: a second BEGIN on the connection would fail or join the first transaction.
 *
 * If the process dies: the database rolls the transaction back.
 */
@Injectable()
export class Transactions {
  readonly mutex = new Mutex();

  constructor(private readonly dataSource: DataSource) {}

  /** Runs `work` in one transaction. It may run more than once, so it must do nothing but SQL. */
  write<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    if (dialectOf(this.dataSource) === 'sqlite') return this.mutex.run(() => this.dataSource.transaction(work));
    return this.withRetries(() => this.dataSource.transaction('READ COMMITTED', work));
  }

  /** Runs one statement that is a transaction of its own. It may run more than once. */
  writeOnce<T = unknown>(sql: string, values: unknown[]): Promise<T> {
    const run = () => this.dataSource.query<T>(sql, values);
    return dialectOf(this.dataSource) === 'sqlite' ? this.mutex.run(run) : this.withRetries(run);
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
