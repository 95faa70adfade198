import { timeOf } from './ids.js';

/** How long a delivery at least waits for the secret of its endpoint to be mended. */
const MIN_WAIT_MS = 24 * 3_600_000;
/** The pause until an unreadable endpoint is looked at again grows with the age of the message, between these. */
const MIN_PAUSE_MS = 30_000;
const MAX_PAUSE_MS = 15 * 60_000;

/** The pause while the data key of an endpoint can't be had. */
const KEY_AWAY_PAUSE_MS = 15_000;

/** The reason of a delivery that ended because its endpoint's secret could not be opened in time. */
export const ENDPOINT_UNREADABLE = 'endpoint unreadable';

/**
 * How long a delivery waits whose endpoint this process can't unseal: for another process, for a restart with the right key, or for a new
 * secret. Null if it is not to wait any longer, and fails: an automatic one after a day, or after the time of all its retries if that is
 * longer; a manual one at once, because somebody waits for its result. While AWS KMS is away, all of them wait.
 */
export function pauseOfUnreadable(
  { msgId, run }: { msgId: string; run: number },
  { keyAway }: { keyAway: boolean },
  retrySchedule: readonly number[],
  now: number,
): number | null {
  if (keyAway) return KEY_AWAY_PAUSE_MS;
  if (run !== 0) return null;
  const age = now - timeOf(msgId);
  const waits = Math.max(MIN_WAIT_MS, 1_000 * retrySchedule.reduce((sum, seconds) => sum + seconds, 0));
  return age > waits ? null : Math.min(Math.max(age / 2, MIN_PAUSE_MS), MAX_PAUSE_MS);
}
