import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { databaseTime } from '../database-clock.js';
import { sqlTime } from '../dialect.js';

/** The parts of time in which open deliveries come due, in seconds from now; each begins where the one before ends. */
const UNTIL_SECONDS = { late: -60, due: 0, withinMinute: 60, withinHour: 3_600, withinDay: 86_400, later: Infinity } as const;

/** How many open deliveries come due when. */
export type Backlog = Record<keyof typeof UNTIL_SECONDS, number>;

/** No delivery is due before or after. */
const [BEGIN, END] = ['1970-01-01 00:00:00.000', '9999-12-31 23:59:59.999'];

/** Counts the deliveries of all organisations that are not settled, by the index of those that are due. It writes nothing. */
@Injectable()
export class BacklogRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** Each part is counted up to `max`, so that a large backlog costs no more than a small one. */
  async count(max: number): Promise<Backlog> {
    const now = await databaseTime(this.dataSource);
    const names = Object.keys(UNTIL_SECONDS) as (keyof Backlog)[];
    const borders = Object.values(UNTIL_SECONDS).map((seconds) => (seconds === Infinity ? END : sqlTime(now + seconds * 1000)));
    const one = (name: string) => `SELECT '${name}' AS name, COUNT(*) AS found FROM
      (SELECT 1 AS one FROM delivery WHERE due_at IS NOT NULL AND due_at > ? AND due_at <= ? LIMIT ?) due_then`;
    const rows: { name: keyof Backlog; found: number | string }[] = await this.dataSource.query(
      names.map(one).join(' UNION ALL '),
      borders.flatMap((until, at) => [borders[at - 1] ?? BEGIN, until, max]),
    );
    return Object.fromEntries(rows.map(({ name, found }) => [name, Number(found)])) as Backlog;
  }
}
