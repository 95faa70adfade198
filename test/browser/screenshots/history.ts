import { DataSource } from 'typeorm';
import {
  ALL_ORGANIZATIONS,
  AttemptCountRepository,
  type EndpointCount,
  type TotalCount,
} from '../../../src/database/repositories/attempt-count.repository.js';
import { addCounts, noAttempts, type AttemptCounts } from '../../../src/domain/attempt-counts.js';
import { floorTo, MINUTE_MS, minuteOf, STEPS } from '../../../src/domain/count-steps.js';
import { newId } from '../../../src/domain/ids.js';
import type { TestApp } from '../../support/app.js';
import type { Lively } from '../support/lively.js';

const DAY = 1_440;
/** How far back each length of buckets is needed, in minutes. */
const BACK: Record<number, number> = { 1: 200, 20: 2 * DAY, 120: 15 * DAY, 720: 31 * DAY };
/** Attempts a minute at the busiest time, and the share that fails. */
const BUSY = {
  good: { perMinute: 40, fails: 0.002 },
  failing: { perMinute: 6, fails: 0.004 },
  gone: { perMinute: 2, fails: 0.01 },
};
/** Since then, in minutes, one endpoint does nothing but fail. */
const BROKEN = 190;
/** Shares of answers by slot of latency: most within 40 to 150 ms. */
const LATENCIES = [0, 0, 0.04, 0.18, 0.3, 0.2, 0.14, 0.07, 0.03, 0.02, 0.01, 0.006, 0.003, 0.001];

/** Counts of a month, as if the endpoints had been there for so long. */
export async function writeHistory(app: TestApp, { appId, endpoints }: Lively): Promise<void> {
  const now = minuteOf(Date.now());
  const counts = app.nest.get(AttemptCountRepository);
  const totals = new Map<string, TotalCount>();
  const rows: EndpointCount[] = [];
  for (const step of STEPS)
    for (let begins = floorTo(now - BACK[step]!, step); begins + step <= now; begins += step)
      for (const [name, endpointId] of Object.entries(endpoints)) {
        const made = countsOf(name as keyof typeof BUSY, begins, step, now);
        rows.push({ orgId: app.orgId, appId, endpointId, step, begins, counts: made });
        for (const orgId of [app.orgId, ALL_ORGANIZATIONS]) {
          const total = totals.get(`${orgId} ${step} ${begins}`) ?? { orgId, step, begins, counts: noAttempts() };
          addCounts(total.counts, made);
          totals.set(`${orgId} ${step} ${begins}`, total);
        }
      }
  await counts.write(rows);
  await counts.writeTotals([...totals.values()]);
  const reached = JSON.stringify({ start: now, reached: now, counted: now, at: Date.now() });
  await sql(app, `UPDATE shared_work SET progress = ? WHERE name = 'attempt_counts'`, [reached]);
  await sql(app, `UPDATE shared_work SET progress = ? WHERE name = 'attempt_backfill'`, [JSON.stringify({ from: now, to: now })]);
}

/** The same in each run, busier in the middle of the day than at night. */
function countsOf(name: keyof typeof BUSY, begins: number, step: number, now: number): AttemptCounts {
  const { perMinute, fails } = BUSY[name];
  const wave = 0.55 + 0.45 * Math.sin(((begins + step / 2) / DAY - 0.35) * 2 * Math.PI);
  const all = Math.round(perMinute * step * wave * (0.8 + 0.4 * noise(begins * 31 + perMinute)));
  const isBroken = name === 'failing' && now - begins <= BROKEN;
  const failed = isBroken ? all : Math.round(all * fails * 2 * noise(begins * 17 + perMinute));
  const slots = noAttempts().slots.map((_, slot) => Math.round(all * (LATENCIES[slot] ?? 0)));
  return { delivered: all - failed, failed, slots };
}

/** From 0 to 1. */
function noise(seed: number): number {
  const value = Math.sin(seed) * 43_758.5453;
  return value - Math.floor(value);
}

/** Minutes before now at which the last message was accepted, the one before it, and so on. */
const AGES = [9, 11, 14, 18, 19, 26, 33, 41, 42, 55, 68, 74, 90, 112, 125, 131, 150, 178, 190, 204, 231, 260, 291, 340];
/** When the attempts at one endpoint were made, in ms after their message. */
const ATTEMPTS_MS = [26, 5_310, 312_400];
const ADDRESS = 'https://api.old-mill.example/hooks';

/** Moves messages and their attempts back in time, and the endpoints to where a customer would have them. Nothing may be under way. */
export async function moveBack(app: TestApp, made: Lively): Promise<Lively> {
  const moved = new Map<string, string>();
  for (const [at, msgId] of made.msgIds.toReversed().entries()) {
    const ms = Date.now() - AGES[at % AGES.length]! * MINUTE_MS;
    const id = newId('msg_', ms);
    await sql(app, 'UPDATE message SET id = ? WHERE id = ?', [id, msgId]);
    await sql(app, 'UPDATE delivery SET msg_id = ? WHERE msg_id = ?', [id, msgId]);
    await moveAttempts(app, msgId, id, ms, moved);
    moved.set(msgId, id);
  }
  for (const table of ['endpoint', 'attempt'])
    await sql(app, `UPDATE ${table} SET url = REPLACE(url, ?, ?)`, [made.receiver.url, ADDRESS]);
  const now = (id: string) => moved.get(id)!;
  return { ...made, msgIds: made.msgIds.map(now), msgId: now(made.msgId), attemptId: now(made.attemptId) };
}

async function moveAttempts(app: TestApp, from: string, to: string, ms: number, moved: Map<string, string>): Promise<void> {
  const rows: { id: string; endpoint_id: string }[] = await sql(
    app,
    'SELECT id, endpoint_id FROM attempt WHERE msg_id = ? ORDER BY id',
    [from],
  );
  for (const attempts of Map.groupBy(rows, ({ endpoint_id: endpointId }) => endpointId).values())
    for (const [at, { id }] of attempts.entries()) {
      const next = newId('atmpt_', ms + (ATTEMPTS_MS[at] ?? 0));
      await sql(app, 'UPDATE attempt SET msg_id = ?, id = ? WHERE msg_id = ? AND id = ?', [to, next, from, id]);
      moved.set(id, next);
    }
}

function sql<T>(app: TestApp, statement: string, values: unknown[]): Promise<T> {
  return app.nest.get(DataSource).query(statement, values);
}
