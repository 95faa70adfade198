import type { Sender } from '../load/sender.js';
import type { HealthWatch } from './health-watch.js';

const LOOK_MS = 50;

export interface Recovery {
  acceptsMs: number | null;
  deliversMs: number | null;
  greenMs: number | null;
}

export interface Watched {
  sender: Sender;
  health: HealthWatch;
  /** When each message first arrived anywhere. */
  arrivedAt: ReadonlyMap<string, number>;
  sites: readonly string[];
}

/** Waits until all is as before: green, and messages that were sent after `since` are accepted and arrive at each site. At most `withinMs`. */
export async function recovery(watched: Watched, since: number, withinMs: number): Promise<Recovery> {
  for (;;) {
    const now = stateOf(watched, since);
    const complete = Object.values(now).every((ms) => ms !== null);
    if (complete || Date.now() > since + withinMs) return now;
    await new Promise((wake) => setTimeout(wake, LOOK_MS));
  }
}

function stateOf({ sender, health, arrivedAt, sites }: Watched, since: number): Recovery {
  const accepted = recentlyAccepted(sender, since);
  const ofSites = sites.map((site) => accepted.filter((one) => one.site === site));
  const first = (times: number[]) => (times.length > 0 ? Math.min(...times) : null);
  const latest = (times: (number | null)[]) => (times.includes(null) ? null : Math.max(...(times as number[])) - since);
  const arrivals = (messages: Sender['accepted']) => messages.flatMap(({ id }) => arrivedAt.get(id) ?? []);
  const green = health.greenAgain(since);
  return {
    acceptsMs: latest(ofSites.map((messages) => first(messages.map(({ answeredAt }) => answeredAt)))),
    deliversMs: latest(ofSites.map((messages) => first(arrivals(messages)))),
    greenMs: green === null ? null : green - since,
  };
}

/** Those whose request began after `since`. The list is in the order of the answers, so the search ends where all are older. */
function recentlyAccepted({ accepted }: Sender, since: number): Sender['accepted'] {
  const from = accepted.findLastIndex(({ answeredAt }) => answeredAt < since);
  return accepted.slice(from + 1).filter(({ at }) => at >= since);
}
