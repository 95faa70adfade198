import { pieceBefore } from '../../src/background/count-pieces.js';
import { CountSweep } from '../../src/background/count-sweep.js';
import { loadConfig } from '../../src/config/config.js';
import { createDataSource } from '../../src/database/data-source.js';
import { AttemptCountRepository } from '../../src/database/repositories/attempt-count.repository.js';
import { SharedWorkRepository } from '../../src/database/repositories/shared-work.repository.js';
import { Transactions } from '../../src/database/transactions.js';
import { floorTo, MINUTE_MS, minuteOf } from '../../src/domain/count-steps.js';
import { progress } from '../report/terminal.js';

const DAYS = 31;
const MINUTES_A_DAY = 1_440;
/** What is so old is final, in minutes. */
const FINAL = 20;
const HURRIED = { isOver: false, rest: () => Promise.resolve() };

/** Counts all attempts in the tables, as the worker would within hours, with its pauses. Answers how long it took, in ms. */
export async function countAttempts(databaseUrl: string): Promise<number> {
  const secrets = () => ({ jwtSecret: 'any', encryptionKey: Buffer.alloc(32).toString('base64') });
  const config = loadConfig({ DATABASE_URL: databaseUrl }, secrets);
  const dataSource = await createDataSource(config).initialize();
  const transactions = new Transactions(dataSource);
  const works = new SharedWorkRepository(dataSource, transactions);
  const sweep = new CountSweep(config, new AttemptCountRepository(dataSource, transactions));
  const now = Date.now();
  const start = floorTo(minuteOf(now) - FINAL, FINAL);
  const reached = { from: start - DAYS * MINUTES_A_DAY, to: start };
  const begun = performance.now();
  for (let piece = pieceBefore(reached, now); piece !== null; piece = pieceBefore(reached, now)) {
    await sweep.run(piece, HURRIED);
    reached.to = piece.from;
    progress(`counts: since ${new Date(piece.from * MINUTE_MS).toISOString()}`);
  }
  const took = performance.now() - begun;
  const counted = { start, reached: start, counted: start, at: now };
  await works.saveProgress('attempt_counts', null, JSON.stringify(counted));
  await works.saveProgress('attempt_backfill', null, JSON.stringify(reached));
  await dataSource.query('ANALYZE TABLE attempt_count, attempt_total');
  await dataSource.destroy();
  return took;
}
