import { patient } from '../support/until.js';

/** Tries again until `check` does not throw; throws what it threw last when the time is over. */
export async function eventually<T>(check: () => T | Promise<T>, usualMs = 5_000): Promise<T> {
  const deadline = performance.now() + patient(usualMs);
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await new Promise((wake) => setTimeout(wake, 10));
    }
  }
}
