import type { DataSource } from 'typeorm';
import { LOCK_WAIT_SECONDS } from './data-source.js';
import { openTidbTransactions, TIDB_SERVERS } from './dialect.js';

const PAUSE_MS = 10;
/** The number of a lock wait timeout: a transaction that stays open is answered like a row that stays locked. */
const LOCK_WAIT_TIMEOUT = 1205;

/**
 * Waits on TiDB until the transactions of this service have ended that are open now. Those that begin later are not waited for: their messages are
 * younger than what a poll reads.
 *
 * @throws an error of a lock conflict if one stays open for longer than a lock wait
 */
export async function awaitOpenTransactions(dataSource: DataSource): Promise<void> {
  const [row] = await dataSource.query<[{ servers: number | string }]>(TIDB_SERVERS);
  const sql = openTidbTransactions(Number(row.servers));
  const began = performance.now();
  for (;;) {
    const waitedMs = Math.round(performance.now() - began);
    const [{ found }] = await dataSource.query<[{ found: number | string }]>(sql, [waitedMs]);
    if (Number(found) === 0) return;
    if (waitedMs > LOCK_WAIT_SECONDS * 1_000)
      throw Object.assign(new Error('A transaction that may write messages stays open.'), { errno: LOCK_WAIT_TIMEOUT });
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}
