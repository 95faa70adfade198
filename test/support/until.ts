import { setTimeout as sleep } from 'node:timers/promises';

const PAUSE_MS = 20;
/** How much slower than a usual machine a newcomer's may be, with other work beside the tests. */
const SLOWEST = 8;
/** Nothing is waited for longer than this on that account. Jest's limit for a test is above it. */
const MAX_MS = 200_000;

/** How long a wait may last that takes at most `usualMs` on a usual machine. */
export function patient(usualMs: number): number {
  return Math.max(usualMs, Math.min(usualMs * SLOWEST, MAX_MS));
}

/**
 * Asks again and again until the answer is neither null, undefined nor false, and returns it. Throws when it took much longer than
 * `usualMs`, the most that it takes on a usual machine, saying `what` was waited for and why the last question failed, if it did.
 */
export async function until<T>(
  check: () => T | Promise<T>,
  usualMs: number,
  what: string,
): Promise<NonNullable<Exclude<T, false>>> {
  const withinMs = patient(usualMs);
  const deadline = Date.now() + withinMs;
  let failure: unknown;
  for (;;) {
    try {
      const answer = await check();
      if (answer !== null && answer !== undefined && answer !== false) return answer as NonNullable<Exclude<T, false>>;
      failure = undefined;
    } catch (error) {
      failure = error;
    }
    if (Date.now() >= deadline) {
      const why = failure instanceof Error ? `: ${failure.message}` : '';
      throw new Error(`Waited ${withinMs} ms for ${what}, in vain${why}`, { cause: failure });
    }
    await sleep(PAUSE_MS);
  }
}
