// The load of a rehearsal, a process of its own: its event loop is not delayed by the load balancer that it measures.
import { serve } from '../../bench/load/remote.js';
import { p99 } from './latency.js';
import { Receiver } from './receiver.js';
import { isGood, Sender, type Sending, type Try } from './sender.js';

/** What came of the load so far. */
export interface Counted {
  sent: number;
  accepted: number;
  /** Accepted messages that have not arrived. */
  missing: number;
  duplicates: { number: number; at: number }[];
  /** Messages of which the receiver refused a delivery, because of who made it. */
  refused: number;
  /** Connections that the clients at the fixed rate opened. */
  connects: number;
  tries: Try[];
}

/** What the clients and the receiver saw since the last question. */
export interface Recent {
  tries: number;
  /** Outcomes that are not good. */
  failures: Record<string, number>;
  p99Ms: number;
  /** Address of a task, and how many webhooks came from it. */
  deliveries: [string, number][];
}

const receiver = new Receiver();
let sender: Sender | null = null;
let told = 0;

serve({
  listen: () => receiver.listen(),
  start: (plan: Sending) => {
    sender = new Sender(plan);
    sender.start();
  },
  stop: () => sender?.stop(),
  burst: (count: number) => sender!.burst(count),
  /** From now on. */
  token: (token: string) => void (sender!.token = token),
  /** From now on, what comes from these addresses is answered 500. */
  refuse: (addresses: string[]) => receiver.refuse(addresses),
  /** How many messages were accepted that were due at or after this time (epoch ms). */
  acceptedSince: (from: number) => [...sender!.accepted.values()].filter((at) => at >= from).length,
  recent: (): Recent => {
    const tries = sender?.tries.slice(told) ?? [];
    told += tries.length;
    const failures: Record<string, number> = {};
    for (const { outcome } of tries) if (!isGood(outcome)) failures[outcome] = (failures[outcome] ?? 0) + 1;
    return { tries: tries.length, failures, p99Ms: p99(tries), deliveries: receiver.takeSenders() };
  },
  /** The tries from this one on. */
  counted: (from: number): Counted => {
    const { accepted, tries, connects } = sender!;
    const missing = [...accepted.keys()].filter((number) => !receiver.arrivals.has(number)).length;
    return {
      sent: tries.length,
      accepted: accepted.size,
      missing,
      duplicates: receiver.repeated,
      refused: receiver.refused.size,
      connects,
      tries: tries.slice(from),
    };
  },
});
