import { CodeDeployClient, ListDeploymentsCommand, StopDeploymentCommand } from '@aws-sdk/client-codedeploy';
import { DescribeServicesCommand, DescribeTasksCommand, ECSClient, ListTasksCommand } from '@aws-sdk/client-ecs';
import { crashesOf, greenOf } from './crash-loop.mjs';
import { environment } from './environment.mjs';
import { limits } from './limits.mjs';

/** What one call describes at most. */
const DESCRIBED = 100;

/**
 * Called with each task of the service that stopped. With CodeDeploy a green that crashes at the start is started again and again
 * for up to an hour; this stops the deployment, with rollback, once `CRASH_LIMIT` of green's tasks are gone. It counts what ECS
 * still knows of stopped tasks (an hour) and keeps nothing itself. Throws what the SDK throws: the next stopped task calls again.
 * @param {{ detail: { taskDefinitionArn?: string, startedBy?: string } }} event
 */
export async function handler({ detail }) {
  const ecs = new ECSClient(limits);
  const codedeploy = new CodeDeployClient(limits);
  try {
    const green = greenOf(await taskSets(ecs));
    if (!green?.id || detail.startedBy !== green.id) return { stopped: null };
    const crashes = crashesOf(await stoppedTasks(ecs), green.id);
    console.log(JSON.stringify({ event: 'green.stopped', taskDefinition: green.taskDefinition, crashes }));
    if (crashes < Number(environment('CRASH_LIMIT'))) return { stopped: null };
    return { stopped: await stopDeployment(codedeploy) };
  } finally {
    ecs.destroy();
    codedeploy.destroy();
  }
}

/** @param {ECSClient} ecs */
async function taskSets(ecs) {
  const [cluster, service] = [environment('CLUSTER'), environment('SERVICE')];
  const { services } = await ecs.send(new DescribeServicesCommand({ cluster, services: [service] }));
  return services?.[0]?.taskSets ?? [];
}

/** @param {ECSClient} ecs */
async function stoppedTasks(ecs) {
  const [cluster, serviceName] = [environment('CLUSTER'), environment('SERVICE')];
  const { taskArns = [] } = await ecs.send(
    new ListTasksCommand({ cluster, serviceName, desiredStatus: 'STOPPED', maxResults: DESCRIBED }),
  );
  if (taskArns.length === 0) return [];
  const { tasks = [] } = await ecs.send(new DescribeTasksCommand({ cluster, tasks: taskArns }));
  return tasks;
}

/**
 * The id of the deployment that was stopped; null if none is under way, as in a rollback that is finished.
 * @param {CodeDeployClient} codedeploy
 */
async function stopDeployment(codedeploy) {
  const [applicationName, deploymentGroupName] = [environment('APPLICATION'), environment('DEPLOYMENT_GROUP')];
  const { deployments = [] } = await codedeploy.send(
    new ListDeploymentsCommand({
      applicationName,
      deploymentGroupName,
      includeOnlyStatuses: ['Created', 'Queued', 'InProgress', 'Ready'],
    }),
  );
  const [deploymentId] = deployments;
  if (!deploymentId) return null;
  await codedeploy.send(new StopDeploymentCommand({ deploymentId, autoRollbackEnabled: true }));
  console.log(JSON.stringify({ event: 'deployment.stopped', deploymentId, reason: 'green crashes in a loop' }));
  return deploymentId;
}
