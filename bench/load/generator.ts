// The load generator, a process of its own.
import { now } from './clock.js';
import { serve } from './remote.js';
import { Sender, type Outcome, type Plan } from './sender.js';

/** So many requests side by side, each followed by the next, for a time or a number of them, whichever is over first. */
export interface ClosedLoop {
  plan: Plan;
  concurrency: number;
  seconds: number;
  most: number;
}

/** Requests at times that were fixed before, whatever becomes of those under way. */
export interface OpenLoop {
  plan: Plan;
  /** A second, on average. */
  rate: number;
  seconds: number;
  connections: number;
}

/** How late the generator itself sent, in ms, request by request. */
export type OpenOutcome = Outcome & { lateness: Float64Array };

serve({ closed, open });

function closed({ plan, concurrency, seconds, most }: ClosedLoop): Promise<Outcome> {
  const sender = new Sender(plan, concurrency);
  const end = now() + seconds * 1000;
  let started = 0;
  let running = concurrency;
  return new Promise((done) => {
    const next = () => {
      const at = now();
      if (at < end && started < most) {
        started++;
        sender.send(at, next);
      } else if (--running === 0) done(sender.end());
    };
    for (let lane = 0; lane < concurrency; lane++) next();
  });
}

function open({ plan, rate, seconds, connections }: OpenLoop): Promise<OpenOutcome> {
  const sender = new Sender(plan, connections);
  const times = schedule(rate, seconds);
  const lateness = new Float64Array(times.length);
  const start = now() + 20;
  let next = 0;
  let under = 0;
  return new Promise((done) => {
    const finished = () => {
      if (--under === 0 && next === times.length) done(withLateness(sender.end(), lateness));
    };
    const turn = () => {
      for (let at = now() - start; next < times.length && times[next]! <= at; at = now() - start) {
        lateness[next] = at - times[next]!;
        under++;
        sender.send(start + times[next++]!, finished);
      }
      if (next < times.length) setTimeout(turn, Math.max(0, times[next]! + start - now()));
    };
    turn();
  });
}

async function withLateness(outcome: Promise<Outcome>, lateness: Float64Array): Promise<OpenOutcome> {
  return { ...(await outcome), lateness };
}

/** Arrivals as of many independent callers: gaps are exponential. The same ones in every run, so that runs can be compared. */
function schedule(rate: number, seconds: number): Float64Array {
  const times = new Float64Array(Math.max(1, Math.round(rate * seconds)));
  let state = 42;
  let at = 0;
  for (let i = 0; i < times.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    at += (-Math.log((state + 1) / 2 ** 32) * 1000) / rate;
    times[i] = at;
  }
  return times;
}
