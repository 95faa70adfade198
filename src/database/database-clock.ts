import { Injectable } from '@nestjs/common';
import { EntityManager, type DataSource } from 'typeorm';
import { dialectOf, fromSqlTime } from './dialect.js';

/** Clocks that differ by less are taken for the same: answers take their time. */
const TOLERANCE_MS = 1_000;

/**
 * What time it is by the database's clock, as far as its answers told. Ids of messages are made by it, so that processes whose own
 * clocks differ agree on the order. Gone with the process; until the first answer it is the process's own clock.
 */
@Injectable()
export class DatabaseClock {
  private offsetMs = 0;

  /** ms since 1970 */
  now(): number {
    return this.own() + this.offsetMs;
  }

  /** The process's own clock, ms since 1970. */
  own(): number {
    return Date.now();
  }

  /**
   * Takes over what the database said.
   *
   * @param databaseMs its time, ms since 1970
   * @param askedAt own time before it was asked; it answered at some moment between then and now
   */
  learn(databaseMs: number, askedAt: number): void {
    const most = databaseMs - askedAt;
    const least = databaseMs - this.own();
    if (least > TOLERANCE_MS) this.offsetMs = least;
    else if (most < -TOLERANCE_MS) this.offsetMs = most;
    else this.offsetMs = 0;
  }
}

/** Asks the database what time it is, ms since 1970. (As text: what a driver makes of a time depends on its settings.) */
export async function databaseTime(database: DataSource | EntityManager): Promise<number> {
  const dataSource = database instanceof EntityManager ? database.connection : database;
  const sql =
    dialectOf(dataSource) === 'mysql'
      ? "SELECT DATE_FORMAT(UTC_TIMESTAMP(3), '%Y-%m-%d %H:%i:%s.%f') AS now"
      : "SELECT strftime('%Y-%m-%d %H:%M:%f', 'now') AS now";
  const [row] = (await database.query(sql)) as [{ now: string }];
  return fromSqlTime(row.now.slice(0, 23));
}
