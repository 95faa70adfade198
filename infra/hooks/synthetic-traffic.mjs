import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { CodeDeployClient, ListDeploymentsCommand } from '@aws-sdk/client-codedeploy';
import { environment, say } from './environment.mjs';
import { limits } from './limits.mjs';
import { recordOwn, requestsOfOthers } from './request-rate.mjs';
import { readSecret } from './secret.mjs';
import { REQUEST_LIMIT_MS, sendTraffic } from './traffic.mjs';

/** A run sends until the next one begins. */
const RUN_MS = 60_000;
/** Kept back from the function's own time limit: for the last answers, and to write down what was sent. */
const RESERVE_MS = REQUEST_LIMIT_MS + 15_000;
/** A deployment gets traffic for no longer, however long it waits with blue: so the number of messages has a limit. */
const MAX_DEPLOYMENT_MS = 3 * 3_600_000;

/**
 * Called every minute. While a deployment is under way and others send too little for the alarms to judge it by, it sends a
 * minute of synthetic traffic through the production listener; otherwise it ends at once. It keeps nothing from run to run: a missed
 * call is a minute without traffic, and two at once send twice as much. What the service does wrong is counted and logged. It throws
 * only what AWS refuses to itself.
 * @param {unknown} _event
 * @param {{ getRemainingTimeInMillis(): number }} context
 */
export async function handler(_event, context) {
  const endsAt = Date.now() + Math.min(RUN_MS, context.getRemainingTimeInMillis() - RESERVE_MS);
  const deploymentId = await deploymentUnderWay();
  if (!deploymentId) return { deploymentId: null, requests: 0 };
  const cloudwatch = new CloudWatchClient(limits);
  try {
    const counted = {
      loadBalancer: environment('LOAD_BALANCER'),
      targetGroups: environment('TARGET_GROUPS').split(','),
      namespace: environment('METRIC_NAMESPACE'),
      service: environment('METRIC_SERVICE'),
    };
    const rate = Number(environment('REQUESTS_PER_SECOND'));
    const others = await requestsOfOthers(cloudwatch, counted, Date.now());
    if (others >= rate) {
      say('traffic.enough', { deploymentId, othersPerSecond: others });
      return { deploymentId, requests: 0 };
    }
    const { byMinute, ...tally } = await send(rate, endsAt);
    say('traffic.sent', { deploymentId, othersPerSecond: others, ...tally });
    await recordOwn(cloudwatch, counted, byMinute);
    return { deploymentId, requests: tally.requests };
  } finally {
    cloudwatch.destroy();
  }
}

/**
 * The id of the deployment that is under way; null if there is none. One whose traffic was shifted is under way until blue has ended.
 */
async function deploymentUnderWay() {
  const codedeploy = new CodeDeployClient(limits);
  try {
    const { deployments = [] } = await codedeploy.send(
      new ListDeploymentsCommand({
        applicationName: environment('APPLICATION'),
        deploymentGroupName: environment('DEPLOYMENT_GROUP'),
        includeOnlyStatuses: ['Created', 'Queued', 'InProgress', 'Baking', 'Ready'],
        createTimeRange: { start: new Date(Date.now() - MAX_DEPLOYMENT_MS) },
      }),
    );
    return deployments[0] ?? null;
  } finally {
    codedeploy.destroy();
  }
}

/**
 * @param {number} rate
 * @param {number} endsAt
 */
async function send(rate, endsAt) {
  const [jwtSecret, receiverKey] = await Promise.all([
    readSecret(environment('JWT_SECRET_ARN')),
    readSecret(environment('RECEIVER_KEY_ARN')),
  ]);
  const [apiUrl, receiverUrl] = [environment('API_URL'), environment('RECEIVER_URL')];
  return await sendTraffic({ apiUrl, receiverUrl, jwtSecret, receiverKey, rate, forMs: endsAt - Date.now() });
}
