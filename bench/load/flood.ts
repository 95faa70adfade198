import { machineCpuMs, usageOf, usageOfAll } from '../parts/usage.js';
import { ownPids, type Target } from '../target.js';
import { now } from './clock.js';
import { messages, type Load } from './load.js';

const CONCURRENCY = 64;
const PAYLOAD_BYTES = 300;
/** Longest that deliveries are waited for after the last 202. */
const ARRIVAL_LIMIT_MS = 120_000;

export interface FloodOptions {
  fanOut: number;
  seconds: number;
  warmUpSeconds: number;
  /** Most messages. */
  most: number;
}

/** What a flood brought, from the first request to the last arrival. */
export interface Flooded {
  accepted: number;
  deliveries: number;
  lost: number;
  twice: number;
  failures: number;
  seconds: number;
  /** From the last 202 to the last arrival. */
  tailSeconds: number;
  cpuMs: Record<string, number>;
  writtenBytes: Record<string, number>;
  counted: Record<string, number>;
  /** Shares of one core. */
  generatorShare: number;
  receiverShare: number;
  /** What processes that have nothing to do with it took meanwhile. */
  othersShare: number;
  peakMb: number;
}

/** As many messages as 64 requests side by side bring, to a new application; over when each delivery has arrived or is given up. */
export async function flood(load: Load, target: Target, options: FloodOptions): Promise<Flooded> {
  const { appId, run } = await load.application(target, options.fanOut);
  const plan = messages(target, appId, PAYLOAD_BYTES, true);
  const loop = { plan, concurrency: CONCURRENCY };
  await load.begin(run);
  const warmed = await load.closed({ ...loop, seconds: options.warmUpSeconds, most: Math.ceil(options.most / 4) });
  await load.arrivals({ deliveries: warmed.ids.length * options.fanOut, withinMs: ARRIVAL_LIMIT_MS });
  await settled();

  await load.begin(run);
  const before = await snapshot(load, target);
  const sent = await load.closed({ ...loop, seconds: options.seconds, most: options.most });
  const expected = sent.ids.length * options.fanOut;
  const arrived = await load.arrivals({ deliveries: expected, withinMs: ARRIVAL_LIMIT_MS });
  // What became of the last deliveries is written down shortly after they arrived: that belongs to their cost.
  await settled();
  const after = await snapshot(load, target);

  const elapsedMs = after.at - before.at;
  const loadedMs = Math.max(arrived.lastAt, sent.endedAt) - sent.startedAt;
  const cpuMs = difference(after.cpuMs, before.cpuMs);
  const own = Object.values(cpuMs).reduce((sum, one) => sum + one, 0);
  const { generator, receiver, runner } = difference(after.loadMs, before.loadMs);
  return {
    accepted: sent.ids.length,
    deliveries: arrived.deliveries,
    lost: expected - arrived.deliveries,
    twice: arrived.twice,
    failures: Object.values(sent.failures).reduce((sum, one) => sum + one, 0),
    seconds: loadedMs / 1000,
    tailSeconds: Math.max(0, arrived.lastAt - sent.endedAt) / 1000,
    cpuMs,
    writtenBytes: difference(after.writtenBytes, before.writtenBytes),
    counted: difference(after.counted, before.counted),
    generatorShare: generator! / loadedMs,
    receiverShare: receiver! / loadedMs,
    othersShare: (after.machineMs - before.machineMs - own - generator! - receiver! - runner!) / elapsedMs,
    peakMb: usageOfAll(ownPids(target)).peakMb,
  };
}

async function snapshot(load: Load, target: Target) {
  const counted = await target.counters();
  const used = Object.entries(target.pids()).map(([what, pids]) => [what, usageOfAll(pids)] as const);
  return {
    at: now(),
    counted,
    cpuMs: Object.fromEntries(used.map(([what, { cpuMs }]) => [what, cpuMs])),
    writtenBytes: Object.fromEntries(used.map(([what, { writtenBytes }]) => [what, writtenBytes])),
    loadMs: { ...load.cpuMs(), runner: usageOf(process.pid).cpuMs },
    machineMs: machineCpuMs(),
  };
}

function difference(after: Record<string, number>, before: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(after).map(([name, value]) => [name, value - (before[name] ?? 0)]));
}

/** Nothing tells from outside when the last result is written; half a second is plenty. */
function settled(): Promise<void> {
  return new Promise((done) => setTimeout(done, 500));
}
