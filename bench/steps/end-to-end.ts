import type { Row } from '../figures.js';
import { flood, type Flooded } from '../load/flood.js';
import type { Load } from '../load/load.js';
import type { Sizes } from '../sizes.js';
import type { Step, Target } from '../target.js';

/** Messages a second from the request to the endpoints, with nothing lost. */
export function endToEnd(load: Load, { flood: sizes }: Sizes): Step {
  return {
    name: 'end-to-end',
    rounds: Infinity,
    suits: () => true,
    async run(target) {
      const rows: Row[] = [];
      for (const [fanOut, most] of sizes.fanOuts) {
        const flooded = await flood(load, target, { ...sizes, fanOut, most });
        rows.push({ row: `fan-out ${fanOut}`, figures: rates(flooded) });
        if (fanOut === 1) target.rate = flooded.accepted / flooded.seconds;
      }
      return rows;
    },
  };
}

/** What a message costs, of everything. */
export function cost(load: Load, { flood: sizes }: Sizes): Step {
  return {
    name: 'cost',
    rounds: Infinity,
    suits: () => true,
    async run(target) {
      const flooded = await flood(load, target, { ...sizes, fanOut: 1, most: 1_000_000 });
      return costs(flooded);
    },
  };
}

/** The rate at which latencies are measured: what the target can, from the step before or else from a short flood. */
export async function rateOf(load: Load, { flood: sizes }: Sizes, target: Target): Promise<number> {
  if (target.rate !== null) return target.rate;
  const flooded = await flood(load, target, { ...sizes, fanOut: 1, most: 1_000_000 });
  return (target.rate = flooded.accepted / flooded.seconds);
}

function rates(f: Flooded): Record<string, number> {
  return {
    'messages/s': f.accepted / f.seconds,
    'deliveries/s': f.deliveries / f.seconds,
    'CPU ms/message': total(f.cpuMs) / f.accepted,
    lost: f.lost,
    twice: f.twice,
    refused: f.failures,
    'tail s': f.tailSeconds,
    ...shares(f),
  };
}

function costs(f: Flooded): Row[] {
  const each = (numbers: Record<string, number>, unit: number) =>
    Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, value / unit / f.accepted]));
  const counted = (kind: string) =>
    each(
      Object.fromEntries(
        Object.entries(f.counted).flatMap(([name, n]) => (name.startsWith(kind) ? [[name.slice(kind.length + 1), n]] : [])),
      ),
      1,
    );
  const rows: Row[] = [
    { row: 'CPU ms', figures: { all: total(f.cpuMs) / f.accepted, ...each(f.cpuMs, 1) } },
    { row: 'KB written', figures: { all: total(f.writtenBytes) / 1024 / f.accepted, ...each(f.writtenBytes, 1024) } },
    { row: 'SQL', figures: counted('sql') },
    { row: 'redis', figures: counted('redis') },
    { row: 'queue', figures: counted('queue') },
    { row: 'meanwhile', figures: { 'messages/s': f.accepted / f.seconds, 'peak MB': f.peakMb, ...shares(f) } },
  ];
  return rows.filter(({ figures }) => Object.keys(figures).length > 0);
}

/** Of one core, in per cent. Neither of ours may come near 100, and the others should come near 0. */
function shares(f: Flooded): Record<string, number> {
  return { 'generator %': f.generatorShare * 100, 'receiver %': f.receiverShare * 100, 'others %': f.othersShare * 100 };
}

function total(numbers: Record<string, number>): number {
  return Object.values(numbers).reduce((sum, one) => sum + one, 0);
}
