import { percentile } from '../figures.js';
import { randomOf } from './random.js';

/** A station: arrivals a second, servers that each serve one at a time, and how long that takes on average. */
export interface Station {
  rate: number;
  servers: number;
  serviceMs: number;
  /** Standard deviation of the serving time ÷ its mean. */
  spread: number;
}

export interface Waiting {
  meanMs: number;
  p99Ms: number;
  /** How many wait, at the moment of an arrival. */
  meanDepth: number;
  mostDepth: number;
}

/** Mean wait by Erlang's formula C, in ms: independent arrivals, exponential service. Infinite where more comes than is served. */
export function erlangWait(rate: number, servers: number, serviceMs: number): number {
  const load = (rate * serviceMs) / 1000;
  if (load >= servers) return Infinity;
  // Erlang B by its recursion, which never overflows, and C from it.
  let blocked = 1;
  for (let n = 1; n <= servers; n++) blocked = (load * blocked) / (n + load * blocked);
  const waits = blocked / (1 - (load / servers) * (1 - blocked));
  return (waits * serviceMs) / (servers - load);
}

/** Mean wait where serving times are spread otherwise: exact for one server (Pollaczek, Khinchin), an approximation for more. */
export function meanWait({ rate, servers, serviceMs, spread }: Station): number {
  return (erlangWait(rate, servers, serviceMs) * (1 + spread * spread)) / 2;
}

/**
 * The same station, event by event, first come first served. Serving times are lognormal, which no formula here assumes. The first
 * tenth, which begins empty, doesn't count.
 */
export function simulate({ rate, servers, serviceMs, spread }: Station, arrivals: number): Waiting {
  const random = randomOf();
  const free = new Float64Array(servers);
  const starts = new Float64Array(arrivals);
  const waits: number[] = [];
  let [now, oldestWaiting, depthSum, mostDepth] = [0, 0, 0, 0];
  for (let n = 0; n < arrivals; n++) {
    now += random.exponential(1000 / rate);
    // Whoever came first starts first, so that those who wait are the last ones.
    while (oldestWaiting < n && starts[oldestWaiting]! <= now) oldestWaiting++;
    const start = Math.max(now, free[0]!);
    starts[n] = start;
    replaceLeast(free, start + random.lognormal(serviceMs, spread));
    if (n < arrivals / 10) continue;
    waits.push(start - now);
    depthSum += n - oldestWaiting;
    mostDepth = Math.max(mostDepth, n - oldestWaiting);
  }
  const meanMs = waits.reduce((sum, wait) => sum + wait, 0) / waits.length;
  return { meanMs, p99Ms: percentile(waits, 0.99), meanDepth: depthSum / waits.length, mostDepth };
}

/** The first of a heap is its least: replaced, and put where it belongs. */
function replaceLeast(heap: Float64Array, value: number): void {
  let at = 0;
  for (;;) {
    const left = 2 * at + 1;
    if (left >= heap.length) break;
    const least = left + 1 < heap.length && heap[left + 1]! < heap[left]! ? left + 1 : left;
    if (heap[least]! >= value) break;
    heap[at] = heap[least]!;
    at = least;
  }
  heap[at] = value;
}
