import { checkRelease } from './check.mjs';
import { within } from './deadline.mjs';
import { environment, say } from './environment.mjs';
import { errorText } from './error-text.mjs';
import { readSecret } from './secret.mjs';

/** A check that takes longer than this failed. */
const CHECK_LIMIT_MS = 90_000;

/**
 * Whether a release is good: checks it through the listener of the function's environment. It knows nothing of who asks, CodeDeploy
 * or ECS: that is its caller's part. It never throws, and is done within `leftMs`.
 * @param {string} release what the caller calls this release
 * @param {number} leftMs
 * @returns {Promise<boolean>}
 */
export async function isGood(release, leftMs) {
  try {
    await within(Math.min(CHECK_LIMIT_MS, leftMs), (signal) => check(release, signal));
    return true;
  } catch (error) {
    say('check.failed', {
      release,
      error: errorText(error),
    });
    return false;
  }
}

/**
 * @param {string} release
 * @param {AbortSignal} signal
 */
async function check(release, signal) {
  const [jwtSecret, receiverKey] = await Promise.all([
    readSecret(environment('JWT_SECRET_ARN'), signal),
    readSecret(environment('RECEIVER_KEY_ARN'), signal),
  ]);
  await checkRelease({
    apiUrl: environment('API_URL'),
    receiverUrl: environment('RECEIVER_URL'),
    jwtSecret,
    receiverKey,
    name: `${release}-${environment('CHECK_NAME')}`.replace(/[^\w.-]/g, '-'),
    signal,
  });
}
