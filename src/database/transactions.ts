import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { dialectOf } from './dialect.js';
import { isLockConflict } from './errors.js';
import { Mutex } from '../async/mutex.js';

const TRIES = 3;

/**
 * Every write of the API goes through here.
 *
 * On MySQL: a transaction at READ COMMITTED; a victim of a lock conflict is run again, three times in all. On SQLite, which has
 * one connection: one write at a time behind a mutex, because a second BEGIN on it would join or break the first.
 * A process that dies inside leaves nothing: the database rolls back.
 */
@Injectable()
export class Transactions {
  readonly mutex = new Mutex();

  constructor(private readonly dataSource: DataSource) {}

  /** Runs `work` in one transaction; it may run more than once, so it must not do anything but SQL. */
  write<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    if (dialectOf(this.dataSource) === 'sqlite') return this.mutex.run(() => this.dataSource.transaction(work));
    return this.retrying(() => this.dataSource.transaction('READ COMMITTED', work));
  }

  private async retrying<T>(work: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await work();
      } catch (error) {
        if (attempt >= TRIES || !isLockConflict(error)) throw error;
      }
    }
  }
}
