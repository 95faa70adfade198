import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { startRemote, type Remote } from '../bench/load/remote.js';
import { claimsFor, randomOrgId, signToken } from '../test/support/tokens.js';
import { until } from '../test/support/until.js';
import { cloudWatchService } from './aws-api/cloudwatch.js';
import { codeDeployService } from './aws-api/codedeploy.js';
import { ecsService } from './aws-api/ecs.js';
import { loadBalancingService } from './aws-api/elastic-load-balancing.js';
import { secretsService, type Secret } from './aws-api/secrets-manager.js';
import { AwsApi } from './aws-api/server.js';
import { MetricAlarms } from './cloudwatch/alarms.js';
import { datumsOf } from './cloudwatch/emf.js';
import { Deployments } from './codedeploy/deployment.js';
import type { Image } from './ecs/container.js';
import { MetadataServer } from './ecs/metadata.js';
import { Processes } from './ecs/processes.js';
import { EcsService } from './ecs/service.js';
import type { Book } from './journal.js';
import type { Clock } from './model.js';
import { ownParts, type Own, type Parts } from './parts.js';
import { PLACE } from './plan/installation.js';
import type { Plan } from './plan/plan.js';
import { Revisions, type Build } from './revisions.js';
import { Samples } from './samples.js';
import { functionsOf, loadBalancerArn, secretOf, secretsOf, trafficOf, variablesOf, type Traffic } from './stage-parts.js';

const ZONES = ['eu-west-1a', 'eu-west-1b', 'eu-west-1c'];
/** Until the first tasks are healthy; starting several processes takes long on a small machine. */
const START_LIMIT_MS = 180_000;
/** So many lines of the tasks' logs are kept. */
const KEPT_LINES = 20_000;

export interface StageOrder {
  plan: Plan;
  clock: Clock;
  journal: Book;
  parts: Parts;
  /** The builds of the rehearsal: blue's and green's. */
  images: Record<Build, Image>;
  /** The build that blue is of. */
  blue: Build;
  /** Environment variables that a scenario gives to all tasks. */
  environment: Record<string, string>;
  /** Until a hook without a verdict fails its event, ms on AWS; null for AWS's own hour. */
  hookLimitMs: number | null;
}

/** A line that a task printed. */
export interface LogLine {
  /** Real ms since the rehearsal began. */
  at: number;
  taskArn: string;
  text: string;
}

/** An installation in which a deployment can be played: blue serves, and nothing is deployed yet. */
export interface Stage extends Omit<StageOrder, 'environment' | 'blue' | 'hookLimitMs'>, Traffic {
  own: Own;
  service: EcsService;
  deployments: Deployments;
  alarms: MetricAlarms;
  api: AwsApi;
  /** Secrets by ARN; a scenario may change a value. */
  secrets: Map<string, Secret>;
  revisions: Revisions;
  load: Remote;
  samples: Samples;
  lines: LogLine[];
  token: string;
  /** Ends all that was started, at once. */
  close(): Promise<void>;
  killNow(): void;
}

/** Starts the parts of AWS, and the first tasks. */
export async function openStage(order: StageOrder): Promise<Stage> {
  const { plan, clock, journal, parts, images } = order;
  const own = await ownParts(parts, `rehearsal_${randomBytes(4).toString('hex')}`, images.now);
  const api = new AwsApi(journal);
  const endpoints = {
    AWS_ENDPOINT_URL: await api.start(),
    AWS_ENDPOINT_URL_SQS: own.sqsEndpoint,
    AWS_ACCESS_KEY_ID: 'rehearsal',
    AWS_SECRET_ACCESS_KEY: 'rehearsal',
  };
  const samples = new Samples();
  const traffic = trafficOf(order, samples);
  await traffic.loadBalancer.start();
  const variables = variablesOf(order, own);
  const revisions = new Revisions((revision, image) => plan.taskDefinition(revision, image, variables), order.environment);
  const first = revisions.register(order.blue);
  const secrets = secretsOf(plan, first, own);
  const processes = new Processes();
  const metadata = await MetadataServer.start();
  const service = serviceOf(order, { processes, metadata, secrets, environment: endpoints });
  const lines: LogLine[] = [];
  service.onLine(({ taskArn, text }) => {
    for (const datum of datumsOf(text)) traffic.metrics.put(datum);
    if (lines.length < KEPT_LINES) lines.push({ at: clock.now(), taskArn, text });
  });
  const { functions, url } = await functionsOf(order, traffic.loadBalancer, processes, endpoints);
  const alarms = new MetricAlarms(plan.alarms, { metrics: traffic.metrics, clock, journal });
  const { production, test } = traffic.loadBalancer;
  const deployments = new Deployments({
    settings: plan.deployment,
    service,
    groups: traffic.groups,
    production,
    test,
    functions,
    alarms,
    clock,
    journal,
    assumptions: order.hookLimitMs === null ? {} : { hookLimitMs: order.hookLimitMs },
  });
  service.onStopped((event) => void functions.invoke(`${plan.service}-crash-loop-watcher`, event));
  const [clusterArn, serviceArn] = [ecsArn(`cluster/${plan.cluster}`), ecsArn(`service/${plan.cluster}/${plan.service}`)];
  api.serve(
    loadBalancingService({ loadBalancerArn: loadBalancerArn(plan), listeners: [production, test], groups: traffic.groups }),
    ecsService({ service, clusterArn, serviceArn, containerName: first.containerName, containerPort: first.port }),
    codeDeployService({ deployments, taskDefinition: (arn) => revisions.find(arn) }),
    cloudWatchService({ metrics: traffic.metrics, alarms }),
    secretsService([...secrets.values()]),
  );
  alarms.start();
  service.makePrimary(service.createTaskSet(first, traffic.groups[0]));
  const load = startRemote(join(import.meta.dirname, 'load', 'program.ts'));
  const close = async () => {
    samples.stop();
    load.stop();
    alarms.stop();
    await service.close();
    await functions.close();
    await url.close();
    await traffic.loadBalancer.close();
    await metadata.close();
    await api.stop();
  };
  try {
    await until(() => service.taskSets()[0]?.stability === 'STEADY_STATE', START_LIMIT_MS, 'the first tasks');
  } catch (error) {
    await close();
    throw error;
  }
  const token = signToken(own.jwtSecret, claimsFor({ sub: randomOrgId() }));
  const made = { own, service, deployments, alarms, api, secrets, revisions, load, samples, lines, token };
  return { plan, clock, journal, parts, images, ...traffic, ...made, close, killNow: () => processes.killNow() };
}

interface Surroundings {
  processes: Processes;
  metadata: MetadataServer;
  secrets: Map<string, Secret>;
  /** Leads tasks to the parts of AWS that are played here. */
  environment: Record<string, string>;
}

function serviceOf({ plan, clock, journal, images }: StageOrder, { secrets, ...around }: Surroundings): EcsService {
  return new EcsService(
    { zones: ZONES, desired: plan.desired, gracePeriodMs: plan.healthGraceMs },
    {
      ...PLACE,
      ...around,
      clock,
      journal,
      cluster: plan.cluster,
      service: plan.service,
      images: (name) => images[name.split(':')[1] as Build] ?? null,
      secrets: async (from) => secretOf(secrets, from).value,
    },
  );
}

const ecsArn = (resource: string) => `arn:aws:ecs:${PLACE.region}:${PLACE.account}:${resource}`;
