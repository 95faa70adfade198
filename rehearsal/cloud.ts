import { cloudWatchService } from './aws-api/cloudwatch.js';
import { codeDeployService } from './aws-api/codedeploy.js';
import { ecsService } from './aws-api/ecs.js';
import { loadBalancingService } from './aws-api/elastic-load-balancing.js';
import { secretsService, type Secret } from './aws-api/secrets-manager.js';
import { AwsApi } from './aws-api/server.js';
import { MetricAlarms } from './cloudwatch/alarms.js';
import { Deployments } from './codedeploy/deployment.js';
import { taskAddresses } from './ecs/addresses.js';
import { Containers } from './ecs/containers.js';
import { MetadataServer } from './ecs/metadata.js';
import { Processes } from './ecs/processes.js';
import { NO_DELAYS } from './ecs/platform.js';
import type { Runner } from './ecs/runner.js';
import { EcsService } from './ecs/service.js';
import type { FunctionUrl } from './lambda/function-url.js';
import { matches } from './lambda/event-rule.js';
import type { LambdaFunctions } from './lambda/functions.js';
import type { Own } from './parts.js';
import { PLACE } from './plan/installation.js';
import type { Plan } from './plan/plan.js';
import { Revisions, type Build } from './revisions.js';
import type { Samples } from './samples.js';
import { functionsOf, loadBalancerArn, secretsOf, secretValue, trafficOf, variablesOf, type Traffic } from './stage-parts.js';
import type { StageOrder } from './stage.js';

const ZONES = ['eu-west-1a', 'eu-west-1b', 'eu-west-1c'];

/** The parts of AWS that are played. Nothing is deployed at first. */
export interface Cloud extends Traffic {
  api: AwsApi;
  service: EcsService;
  deployments: Deployments;
  alarms: MetricAlarms;
  /** Secrets by ARN; a scenario may change a value. */
  secrets: Map<string, Secret>;
  revisions: Revisions;
  /** Ends all processes and containers, at once: for handlers of `exit`. */
  killNow(): void;
  /** Ends them, with all tasks and functions. */
  end(): Promise<void>;
}

/** Starts them; `samples` is told of all traffic. */
export async function startCloud(order: StageOrder, own: Own, samples: Samples): Promise<Cloud> {
  const { plan, journal, clock } = order;
  const api = new AwsApi(journal);
  const environment = {
    AWS_ENDPOINT_URL: await api.start(),
    AWS_ENDPOINT_URL_SQS: own.sqsEndpoint,
    AWS_ACCESS_KEY_ID: 'rehearsal',
    AWS_SECRET_ACCESS_KEY: 'rehearsal',
  };
  const traffic = trafficOf(order, samples);
  await traffic.loadBalancer.start();
  const variables = variablesOf(order, own);
  const revisions = new Revisions((revision, image) => plan.taskDefinition(revision, image, variables), order.environment);
  revisions.register(order.blue);
  const secrets = secretsOf(plan, own);
  const [processes, metadata] = [new Processes(), await MetadataServer.start()];
  const tasks = order.engine ? new Containers(order.engine) : processes;
  const service = serviceOf(order, { processes: tasks, metadata, secrets, environment });
  const { functions, url } = await functionsOf(order, traffic.loadBalancer, processes, environment);
  callFunctions(plan, service, functions);
  const alarms = new MetricAlarms(plan.alarms, { metrics: traffic.metrics, clock, journal });
  const deployments = deploymentsOf(order, { traffic, service, functions, alarms });
  const killNow = () => [processes, tasks].forEach((each) => each.killNow());
  const cloud = { ...traffic, api, service, deployments, alarms, secrets, revisions, killNow };
  serve(order, cloud);
  alarms.start();
  return { ...cloud, end: () => end(cloud, { functions, url, metadata }) };
}

async function end(
  { alarms, service, loadBalancer, api }: Omit<Cloud, 'end'>,
  { functions, url, metadata }: { functions: LambdaFunctions; url: FunctionUrl; metadata: MetadataServer },
): Promise<void> {
  alarms.stop();
  await service.close();
  await functions.close();
  await url.close();
  await loadBalancer.close();
  await metadata.close();
  await api.stop();
}

/** As EventBridge does when a task has stopped. */
function callFunctions({ rules }: Plan, service: EcsService, functions: LambdaFunctions): void {
  const ours = rules.filter(({ targets }) => targets.some((arn) => functions.has(arn)));
  service.onStopped((event) => {
    const called = ours.filter(({ pattern }) => matches(pattern, event)).flatMap(({ targets }) => targets);
    for (const arn of called) if (functions.has(arn)) void functions.invoke(arn, event);
  });
}

interface Surroundings {
  processes: Runner;
  metadata: MetadataServer;
  secrets: Map<string, Secret>;
  /** Leads tasks to the parts of AWS that are played here. */
  environment: Record<string, string>;
}

function serviceOf(order: StageOrder, { secrets, ...around }: Surroundings): EcsService {
  const { plan, clock, journal, images, network } = order;
  return new EcsService(
    { zones: ZONES, desired: plan.desired, gracePeriodMs: plan.healthGraceMs, nextAddress: taskAddresses(network) },
    {
      ...PLACE,
      ...around,
      clock,
      journal,
      // Until the first tasks are there.
      delays: NO_DELAYS,
      cluster: plan.cluster,
      service: plan.service,
      images: (name) => images[name.split(':')[1] as Build] ?? null,
      secrets: async (from) => secretValue(secrets, from),
    },
  );
}

interface Deployed {
  traffic: Traffic;
  service: EcsService;
  functions: LambdaFunctions;
  alarms: MetricAlarms;
}

function deploymentsOf({ plan, clock, journal, hookLimitMs }: StageOrder, { traffic, ...parts }: Deployed): Deployments {
  const { production, test } = traffic.loadBalancer;
  return new Deployments({
    ...parts,
    settings: plan.deployment,
    groups: traffic.groups,
    production,
    test,
    clock,
    journal,
    assumptions: { hookLimitMs },
  });
}

function serve({ plan }: StageOrder, cloud: Omit<Cloud, 'end'>): void {
  const { api, service, deployments, alarms, metrics, groups, secrets, revisions, loadBalancer } = cloud;
  const ecsArn = (resource: string) => `arn:aws:ecs:${PLACE.region}:${PLACE.account}:${resource}`;
  const { containerName, port } = revisions.first;
  const listeners = [loadBalancer.production, loadBalancer.test];
  api.serve(
    loadBalancingService({ loadBalancerArn: loadBalancerArn(plan), listeners, groups }),
    ecsService({
      service,
      clusterArn: ecsArn(`cluster/${plan.cluster}`),
      serviceArn: ecsArn(`service/${plan.cluster}/${plan.service}`),
      containerName,
      containerPort: port,
    }),
    codeDeployService({ deployments, taskDefinition: (arn) => revisions.find(arn) }),
    cloudWatchService({ metrics, alarms }),
    secretsService([...secrets.values()]),
  );
}
