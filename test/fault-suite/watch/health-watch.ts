import type { Slot } from '../parts/slot.js';

const EVERY_MS = 300;
const LIMIT_MS = 3_000;

export type Health = 'green' | 'red' | 'silent';

/** Asks each process for `/health`, again and again. */
export interface HealthWatch {
  /** When each process was first green to a question asked after `since`; null if one was not yet. */
  greenAgain(since: number): number | null;
  /** Whether one of them said that it is red, in this time. */
  wasRed(from: number, to: number): boolean;
  stop(): void;
}

interface Change {
  asked: number;
  heard: number;
  health: Health;
}

export function watchHealth(slots: readonly Slot[]): HealthWatch {
  const histories = slots.map((): Change[] => []);
  let stopped = false;
  for (const [at, slot] of slots.entries()) void follow(slot, histories[at]!, () => stopped);
  return {
    greenAgain(since) {
      const firsts = histories.map((history) => history.find(({ asked, health }) => asked >= since && health === 'green')?.heard);
      return firsts.every((first) => first !== undefined) ? Math.max(...(firsts as number[])) : null;
    },
    wasRed: (from, to) =>
      histories.some((history) => history.some(({ heard, health }) => health === 'red' && heard >= from && heard <= to)),
    stop() {
      stopped = true;
    },
  };
}

async function follow(slot: Slot, history: Change[], stopped: () => boolean): Promise<void> {
  while (!stopped()) {
    const asked = Date.now();
    history.push({ asked, health: await healthOf(slot), heard: Date.now() });
    await new Promise((wake) => setTimeout(wake, EVERY_MS));
  }
}

async function healthOf({ url }: Slot): Promise<Health> {
  if (url === null) return 'silent';
  try {
    const answer = await fetch(`${url}/health`, { signal: AbortSignal.timeout(LIMIT_MS) });
    await answer.arrayBuffer();
    return answer.status === 200 ? 'green' : 'red';
  } catch {
    return 'silent';
  }
}
