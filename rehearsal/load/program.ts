// The load of a rehearsal, a process of its own: its event loop is not delayed by the load balancer that it measures.
import { serve } from '../../bench/load/remote.js';
import { Receiver } from './receiver.js';
import { Sender, type Sending, type Try } from './sender.js';

/** What came of the load so far. */
export interface Counted {
  sent: number;
  accepted: number;
  /** Accepted messages that have not arrived. */
  missing: number;
  duplicates: { number: number; at: number }[];
  tries: Try[];
}

const receiver = new Receiver();
let sender: Sender | null = null;

serve({
  listen: () => receiver.listen(),
  start: (plan: Sending) => {
    receiver.arrivals.clear();
    receiver.repeated.length = 0;
    sender = new Sender(plan);
    sender.start();
  },
  stop: () => sender?.stop(),
  /** The tries from this one on. */
  counted: (from: number): Counted => {
    const { accepted, tries } = sender!;
    const missing = [...accepted].filter((number) => !receiver.arrivals.has(number)).length;
    return { sent: tries.length, accepted: accepted.size, missing, duplicates: receiver.repeated, tries: tries.slice(from) };
  },
});
