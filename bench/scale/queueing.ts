import { percentile } from '../figures.js';

/** A station: arrivals a second, servers that each serve one at a time, and how long that takes on average. */
export interface Station {
  rate: number;
  servers: number;
  serviceMs: number;
  arrivals: number;
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

/** The same station, event by event, first come first served. Its first tenth, which begins empty, doesn't count. */
export function simulate({ rate, servers, serviceMs, arrivals }: Station): Waiting {
  const random = generator();
  const exponential = (mean: number) => -Math.log(1 - random()) * mean;
  const free = new Float64Array(servers);
  const starts = new Float64Array(arrivals);
  const waits: number[] = [];
  let [now, oldestWaiting, depthSum, mostDepth] = [0, 0, 0, 0];
  for (let n = 0; n < arrivals; n++) {
    now += exponential(1000 / rate);
    // Whoever came first starts first, so that those who wait are the last ones.
    while (oldestWaiting < n && starts[oldestWaiting]! <= now) oldestWaiting++;
    const start = Math.max(now, free[0]!);
    starts[n] = start;
    replaceLeast(free, start + exponential(serviceMs));
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

/** The same numbers in every run (xorshift). */
function generator(): () => number {
  let state = 0x9e3779b9;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
