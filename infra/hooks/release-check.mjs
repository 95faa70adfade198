import { CodeDeployClient, PutLifecycleEventHookExecutionStatusCommand } from '@aws-sdk/client-codedeploy';
import { checkRelease } from './check.mjs';
import { retry, within } from './deadline.mjs';
import { readSecret } from './secret.mjs';

/** Kept back from the function's own time limit, so that the verdict always gets out. */
const CALLBACK_RESERVE_MS = 30_000;
/** A check that takes longer than this failed. */
const CHECK_LIMIT_MS = 90_000;
const CALLBACK_LIMIT_MS = 5_000;

/**
 * @typedef {{ DeploymentId: string, LifecycleEventHookExecutionId: string }} HookEvent
 * @typedef {{ getRemainingTimeInMillis(): number }} HookContext
 */

/**
 * What CodeDeploy calls after it gave green the test listener, and again after the production listener: sends a message through
 * the listener and tells CodeDeploy the verdict. CodeDeploy looks at that call alone, and without it waits for an hour; so it is
 * made whatever happens, and before this function's time is up.
 * @param {HookEvent} event
 * @param {HookContext} context
 */
export async function handler(event, context) {
  const status = await verdict(event, context);
  const client = new CodeDeployClient({
    maxAttempts: 1,
    requestHandler: { connectionTimeout: 2_000, requestTimeout: CALLBACK_LIMIT_MS, throwOnRequestTimeout: true },
  });
  try {
    const { DeploymentId: deploymentId, LifecycleEventHookExecutionId: lifecycleEventHookExecutionId } = event;
    const command = { deploymentId, lifecycleEventHookExecutionId, status };
    await retry(3, 1_000, () => client.send(new PutLifecycleEventHookExecutionStatusCommand(command)));
    say('check.told', { deploymentId, status });
  } finally {
    client.destroy();
  }
}

/**
 * Never throws.
 * @param {HookEvent} event
 * @param {HookContext} context
 * @returns {Promise<'Succeeded' | 'Failed'>}
 */
async function verdict(event, context) {
  try {
    const limitMs = Math.min(CHECK_LIMIT_MS, context.getRemainingTimeInMillis() - CALLBACK_RESERVE_MS);
    await within(limitMs, (signal) => check(event, signal));
    return 'Succeeded';
  } catch (error) {
    say('check.failed', {
      deploymentId: event.DeploymentId,
      error: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
    });
    return 'Failed';
  }
}

/**
 * @param {HookEvent} event
 * @param {AbortSignal} signal
 */
async function check(event, signal) {
  const [jwtSecret, receiverKey] = await Promise.all([
    readSecret(environment('JWT_SECRET_ARN'), signal),
    readSecret(environment('RECEIVER_KEY_ARN'), signal),
  ]);
  const name = `${event.DeploymentId}-${environment('CHECK_NAME')}`.replace(/[^\w.-]/g, '-');
  await checkRelease({
    apiUrl: environment('API_URL'),
    receiverUrl: environment('RECEIVER_URL'),
    jwtSecret,
    receiverKey,
    name,
    signal,
  });
}

/** @param {string} name */
function environment(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is missing`);
  return value;
}

/**
 * @param {string} event
 * @param {object} facts
 */
function say(event, facts) {
  console.log(JSON.stringify({ event, ...facts }));
}
