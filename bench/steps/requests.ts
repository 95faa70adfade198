import { percentile, type Row } from '../figures.js';
import { messages, reads, type Load } from '../load/load.js';
import type { Outcome } from '../load/sender.js';
import type { Sizes } from '../sizes.js';
import type { Step } from '../target.js';

const MANY = 1_000_000;

/** Messages to an application without endpoints: how many are accepted, and how long that takes. */
export function ingest(load: Load, { ingest: sizes }: Sizes): Step {
  return {
    name: 'ingest',
    rounds: Infinity,
    suits: () => true,
    async run(target) {
      const { appId } = await load.application(target, 0);
      const warmUp = messages(target, appId, 300, false);
      await load.closed({ plan: warmUp, concurrency: 64, seconds: sizes.warmUpSeconds, most: MANY });
      const rows: Row[] = [];
      for (const kilobytes of sizes.kilobytes) {
        const plan = messages(target, appId, kilobytes * 1024, false);
        for (const concurrency of sizes.concurrencies) {
          const outcome = await load.closed({ plan, concurrency, seconds: sizes.seconds, most: MANY });
          rows.push({ row: `${kilobytes} KB × ${concurrency}`, figures: requests(outcome) });
        }
      }
      return rows;
    },
  };
}

/** The route that load balancers ask all the time. */
export function health(load: Load, { health: sizes }: Sizes): Step {
  return {
    name: 'health',
    rounds: Infinity,
    suits: () => true,
    async run(target) {
      const loop = { plan: reads(target, ['/health/ready']), concurrency: 64, most: MANY };
      await load.closed({ ...loop, seconds: sizes.seconds / 4 });
      const outcome = await load.closed({ ...loop, seconds: sizes.seconds });
      return [{ row: '/health/ready × 64', figures: requests(outcome) }];
    },
  };
}

function requests({ latencies, startedAt, endedAt, failures }: Outcome): Record<string, number> {
  return {
    'requests/s': latencies.length / ((endedAt - startedAt) / 1000),
    'p50 ms': percentile(latencies, 0.5),
    'p95 ms': percentile(latencies, 0.95),
    'p99 ms': percentile(latencies, 0.99),
    refused: Object.values(failures).reduce((sum, one) => sum + one, 0),
  };
}

/** The generator against the receiver directly: what the two of them could carry, and what they need for it. */
export function selfTest(load: Load, { health: sizes }: Sizes): Step {
  return {
    name: 'self-test',
    instead: 'bench',
    rounds: 1,
    suits: () => true,
    async run() {
      const direct = { url: load.receiverUrl, token: 'none' };
      const plan = { ...messages(direct, 'none', 300, false), paths: ['/none/0'] };
      const loop = { plan, concurrency: 64, most: MANY };
      await load.closed({ ...loop, seconds: sizes.seconds / 4 });
      const before = load.cpuMs();
      const outcome = await load.closed({ ...loop, seconds: sizes.seconds });
      const after = load.cpuMs();
      const { 'requests/s': rate, 'p99 ms': p99 } = requests(outcome);
      const elapsedMs = outcome.endedAt - outcome.startedAt;
      const share = (who: 'generator' | 'receiver') => ((after[who] - before[who]) / elapsedMs) * 100;
      const figures = { 'requests/s': rate!, 'p99 ms': p99!, 'generator %': share('generator'), 'receiver %': share('receiver') };
      return [{ row: 'generator → receiver × 64', figures }];
    },
  };
}
