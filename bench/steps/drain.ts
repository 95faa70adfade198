import type { Row } from '../figures.js';
import { now } from '../load/clock.js';
import { messages, type Load } from '../load/load.js';
import { usageOfAll } from '../parts/usage.js';
import { progress } from '../report/terminal.js';
import type { Sizes } from '../sizes.js';
import { isOwn, ownPids, type OwnTarget, type Step } from '../target.js';

const CONCURRENCY = 64;
const FILL_LIMIT_SECONDS = 300;
const DRAIN_LIMIT_MS = 600_000;
const LOOK_MS = 250;

/** A backlog that came while no worker ran: how fast it goes, and what it does to the memory. */
export function drain(load: Load, sizes: Sizes): Step {
  return {
    name: 'drain',
    rounds: 1,
    suits: (target) => isOwn(target) && 'queue' in target.pids(),
    async run(target) {
      const own = target as OwnTarget;
      // A long poll that is broken off would still take tasks, and keep them from everybody for half a minute.
      progress('drain: stopping the worker');
      await own.stop('SIGTERM');
      await own.start('api');
      const { appId, run } = await load.application(own, 1);
      await load.begin(run);
      const plan = messages(own, appId, 300, true);
      const fill = { plan, concurrency: CONCURRENCY, seconds: FILL_LIMIT_SECONDS, most: sizes.backlog };
      const { ids } = await load.closed(fill);
      // The last tasks reach the queue a moment after their 202.
      await new Promise((done) => setTimeout(done, 1_000));
      await own.stop();
      const figures = await drained(load, own, ids.length);
      return [{ row: `backlog of ${sizes.backlog.toLocaleString('en')}`, figures }] satisfies Row[];
    },
  };
}

async function drained(load: Load, target: OwnTarget, backlog: number): Promise<Record<string, number>> {
  const memory = () => usageOfAll(ownPids(target)).memoryMb;
  const startedAt = now();
  await target.start();
  const atStart = memory();
  let peak = atStart;
  // By the share of the backlog that is done: memory that follows the backlog would go on growing.
  const at: Record<string, number> = {};
  const deadline = now() + DRAIN_LIMIT_MS;
  let counts = await load.arrivals({ deliveries: backlog, withinMs: LOOK_MS });
  while (counts.deliveries < backlog && now() < deadline) {
    counts = await load.arrivals({ deliveries: backlog, withinMs: LOOK_MS });
    const used = memory();
    peak = Math.max(peak, used);
    for (const share of [25, 50, 75]) if (counts.deliveries >= (backlog * share) / 100) at[`MB at ${share} %`] ??= used;
    progress(`drain: ${counts.deliveries} of ${backlog}`);
  }
  return {
    'messages/s': counts.deliveries / ((counts.lastAt - counts.firstAt) / 1000),
    'seconds from the start': (counts.lastAt - startedAt) / 1000,
    'MB at the start': atStart,
    ...at,
    'MB at most': peak,
    'MB at the end': memory(),
    lost: backlog - counts.deliveries,
    twice: counts.twice,
  };
}
