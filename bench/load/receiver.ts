// The customers' server, a process of its own: answers 204 and counts. Endpoint n of run r is at /r/n.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { now } from './clock.js';
import { serve } from './remote.js';

const LOOK_MS = 10;
const WORD = 32;

interface Arrivals {
  first: number;
  /** A bit for each endpoint that has it. */
  low: number;
  high: number;
}

/** What a run is waited for with. */
export interface Wait {
  deliveries: number;
  withinMs: number;
}

export interface Counts {
  /** Different pairs of message and endpoint. */
  deliveries: number;
  /** Arrivals of a pair that was here already. */
  twice: number;
  firstAt: number;
  lastAt: number;
}

export interface Log {
  ids: string[];
  firstAt: Float64Array;
}

let run = '';
let messages = new Map<string, Arrivals>();
let counts: Counts = { deliveries: 0, twice: 0, firstAt: 0, lastAt: 0 };

const server = createServer((request, response) => {
  const at = now();
  request.resume();
  request.once('end', () => response.writeHead(204).end());
  const [, ofRun, endpoint] = request.url!.split('/');
  const id = request.headers['webhook-id'] ?? request.headers['svix-id'];
  if (ofRun === run && typeof id === 'string') note(id, Number(endpoint), at);
});
// A connection is ended by its client: one that the server closes could meet a request under way.
server.keepAliveTimeout = 0;
server.requestTimeout = 0;

serve({
  listen: async () => {
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', 4096, listening));
    return (server.address() as AddressInfo).port;
  },
  begin: (name: string) => {
    run = name;
    messages = new Map();
    counts = { deliveries: 0, twice: 0, firstAt: 0, lastAt: 0 };
  },
  counts: () => counts,
  wait: async ({ deliveries, withinMs }: Wait): Promise<Counts> => {
    const deadline = now() + withinMs;
    while (counts.deliveries < deliveries && now() < deadline) await new Promise((done) => setTimeout(done, LOOK_MS));
    return counts;
  },
  log: (): Log => ({
    ids: [...messages.keys()],
    firstAt: Float64Array.from([...messages.values()], ({ first }) => first),
  }),
});

function note(id: string, endpoint: number, at: number): void {
  let message = messages.get(id);
  if (!message) messages.set(id, (message = { first: at, low: 0, high: 0 }));
  const bit = 1 << (endpoint % WORD);
  const had = endpoint < WORD ? message.low & bit : message.high & bit;
  if (had !== 0) {
    counts.twice++;
    return;
  }
  if (endpoint < WORD) message.low |= bit;
  else message.high |= bit;
  counts.deliveries++;
  counts.firstAt ||= at;
  counts.lastAt = at;
}
