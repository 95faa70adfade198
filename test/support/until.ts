import { setTimeout as sleep } from 'node:timers/promises';

const PAUSE_MS = 20;

/**
 * Asks again and again until the answer is neither null, undefined nor false, and returns it. Throws after `withinMs`, saying
 * `what` was waited for and why the last question failed, if it did.
 */
export async function until<T>(
  check: () => T | Promise<T>,
  withinMs: number,
  what: string,
): Promise<NonNullable<Exclude<T, false>>> {
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
