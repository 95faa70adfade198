import { CodeDeployClient, PutLifecycleEventHookExecutionStatusCommand } from '@aws-sdk/client-codedeploy';
import { retry } from './deadline.mjs';
import { say } from './environment.mjs';
import { limits } from './limits.mjs';
import { isGood } from './verdict.mjs';

/** Kept back from the function's own time limit, so that the verdict always gets out. */
const CALLBACK_RESERVE_MS = 30_000;

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
  const { DeploymentId: deploymentId, LifecycleEventHookExecutionId: lifecycleEventHookExecutionId } = event;
  const good = await isGood(deploymentId, context.getRemainingTimeInMillis() - CALLBACK_RESERVE_MS);
  /** @type {'Succeeded' | 'Failed'} */
  const status = good ? 'Succeeded' : 'Failed';
  // Tried again below, whatever the error is.
  const client = new CodeDeployClient({ ...limits, maxAttempts: 1 });
  try {
    const command = { deploymentId, lifecycleEventHookExecutionId, status };
    await retry(3, 1_000, () => client.send(new PutLifecycleEventHookExecutionStatusCommand(command)));
    say('check.told', { deploymentId, status });
  } finally {
    client.destroy();
  }
}
