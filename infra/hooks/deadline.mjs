import { setTimeout as sleep } from 'node:timers/promises';

/** The time that was given is over. */
export class OutOfTime extends Error {
  /** @override */
  name = 'OutOfTime';
}

/**
 * Runs `work` with a signal that aborts after `limitMs`, and is done by then in any case: work that does not heed the signal is
 * left behind. Rejects with OutOfTime.
 * @template T
 * @param {number} limitMs
 * @param {(signal: AbortSignal) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function within(limitMs, work) {
  const abort = new AbortController();
  /** @type {PromiseWithResolvers<never>} */
  const limit = Promise.withResolvers();
  const timer = setTimeout(
    () => {
      const error = new OutOfTime(`not done within ${Math.round(limitMs / 1000)} s`);
      limit.reject(error);
      abort.abort(error);
    },
    Math.max(0, limitMs),
  );
  try {
    return await Promise.race([work(abort.signal), limit.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Asks again and again until there is an answer other than null. Stops when the signal aborts.
 * @template T
 * @param {AbortSignal} signal
 * @param {number} everyMs
 * @param {() => Promise<T | null>} ask
 * @returns {Promise<T>}
 */
export async function until(signal, everyMs, ask) {
  for (;;) {
    const answer = await ask();
    if (answer !== null) return answer;
    await sleep(everyMs, undefined, { signal });
  }
}

/**
 * Tries up to `times` times, with a pause in between. Throws the last error.
 * @template T
 * @param {number} times
 * @param {number} pauseMs
 * @param {() => Promise<T>} attempt
 * @returns {Promise<T>}
 */
export async function retry(times, pauseMs, attempt) {
  for (let left = times - 1; ; left--) {
    try {
      return await attempt();
    } catch (error) {
      if (left <= 0) throw error;
      await sleep(pauseMs);
    }
  }
}
