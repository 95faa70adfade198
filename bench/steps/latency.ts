import { percentile, type Row } from '../figures.js';
import { messages, type Load } from '../load/load.js';
import type { Sizes } from '../sizes.js';
import type { Step, Target } from '../target.js';
import { rateOf } from './end-to-end.js';

const CONNECTIONS = 256;
const ARRIVAL_LIMIT_MS = 60_000;
const WARM_UP_SECONDS = 1;

/**
 * From the 202 to the receiver, at shares of the rate that the target can sustain and at a fixed one. Requests leave at times that
 * were fixed before, so that a target that stalls is charged for everybody who waits meanwhile.
 */
export function latency(load: Load, sizes: Sizes): Step {
  return {
    name: 'latency',
    rounds: Infinity,
    suits: () => true,
    async run(target) {
      const most = await rateOf(load, sizes, target);
      const rows: Row[] = [];
      for (const share of sizes.latency.shares)
        rows.push({ row: `${share * 100} % of its rate`, figures: await atRate(load, target, most * share, sizes) });
      const { fixedRate } = sizes.latency;
      rows.push({ row: `${fixedRate}/s`, figures: await atRate(load, target, fixedRate, sizes) });
      return rows;
    },
  };
}

async function atRate(load: Load, target: Target, rate: number, { latency: sizes }: Sizes): Promise<Record<string, number>> {
  const { appId, run } = await load.application(target, 1);
  const loop = { plan: messages(target, appId, 300, true), rate, connections: CONNECTIONS };
  await load.begin(run);
  const warmed = await load.openLoop({ ...loop, seconds: Math.min(WARM_UP_SECONDS, sizes.seconds) });
  await load.arrivals({ deliveries: warmed.ids.length, withinMs: ARRIVAL_LIMIT_MS });
  await load.begin(run);
  const sent = await load.openLoop({ ...loop, seconds: sizes.seconds });
  await load.arrivals({ deliveries: sent.ids.length, withinMs: ARRIVAL_LIMIT_MS });
  const log = await load.arrivalLog();
  const arrivedAt = new Map(log.ids.map((id, n) => [id, log.firstAt[n]!]));
  const delays = sent.ids.flatMap((id, n) => (arrivedAt.has(id) ? [arrivedAt.get(id)! - sent.answeredAt[n]!] : []));
  return {
    'p50 ms': percentile(delays, 0.5),
    'p99 ms': percentile(delays, 0.99),
    'request p50 ms': percentile(sent.latencies, 0.5),
    'request p99 ms': percentile(sent.latencies, 0.99),
    'messages/s': (sent.ids.length / (sent.endedAt - sent.startedAt)) * 1000,
    lost: sent.ids.length - delays.length,
    refused: Object.values(sent.failures).reduce((sum, one) => sum + one, 0),
    'sent late p99 ms': percentile(sent.lateness, 0.99),
  };
}
