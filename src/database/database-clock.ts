import { Injectable } from '@nestjs/common';
import { EntityManager, type DataSource } from 'typeorm';
import { dialectOf, fromSqlTime } from './dialect.js';

/** A smaller difference between the clocks is ignored, because it may only be the round trip. */
const TOLERANCE_MS = 1_000;

/** A clock that was set back by more than this was wrong before, and ids don't wait for it. */
const MAX_SET_BACK_MS = 10 * 60_000;

/**
 * An estimate of the database's clock, made from the times in its answers. Message ids are made with it, so that processes with
 * different clocks agree on the order of messages. Until the first answer it is the clock of the process.
 *
 * The embedded database has no clock of its own. If the machine's clock is set back, new messages would stand before those that pollers have
 * got already. So there the time stands still until the clock has caught up (`neverBefore`).
 */
@Injectable()
export class DatabaseClock {
  private offsetMs = 0;
  private leastMs: number | null = null;

  /** The time at the database, ms since 1970. */
  now(): number {
    const now = this.own() + this.offsetMs;
    if (this.leastMs === null) return now;
    return (this.leastMs = this.leastMs > now + MAX_SET_BACK_MS ? now : Math.max(now, this.leastMs));
  }

  /** From now on the time does not go back, and is not before this, ms since 1970. */
  neverBefore(leastMs: number): void {
    this.leastMs = leastMs;
  }

  /** The process's own clock, ms since 1970. */
  own(): number {
    return Date.now();
  }

  /**
   * Corrects the estimate. The database read its clock at some moment between `askedAt` and now, so the answer gives a smallest and a
   * largest possible difference.
   *
   * @param databaseMs the database's answer, ms since 1970
   * @param askedAt time of `own` before the database was asked, ms since 1970
   */
  learn(databaseMs: number, askedAt: number): void {
    const largest = databaseMs - askedAt;
    const smallest = databaseMs - this.own();
    if (smallest > TOLERANCE_MS) this.offsetMs = smallest;
    else if (largest < -TOLERANCE_MS) this.offsetMs = largest;
    else this.offsetMs = 0;
  }
}

/** Reads the database's clock, ms since 1970. It is read as text, because drivers convert times depending on their settings. */
export async function databaseTime(database: DataSource | EntityManager): Promise<number> {
  const dataSource = database instanceof EntityManager ? database.connection : database;
  const sql =
    dialectOf(dataSource) === 'mysql'
      ? "SELECT DATE_FORMAT(UTC_TIMESTAMP(3), '%Y-%m-%d %H:%i:%s.%f') AS now"
      : "SELECT strftime('%Y-%m-%d %H:%M:%f', 'now') AS now";
  const [row] = (await database.query(sql)) as [{ now: string }];
  return fromSqlTime(row.now.slice(0, 23));
}
