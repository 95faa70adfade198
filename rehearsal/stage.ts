import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { startRemote, type Remote } from '../bench/load/remote.js';
import { claimsFor, randomOrgId, signToken } from '../test/support/tokens.js';
import { until } from '../test/support/until.js';
import { LoadBalancer } from './alb/load-balancer.js';
import { TargetGroup } from './alb/target-group.js';
import { cloudWatchService } from './aws-api/cloudwatch.js';
import { codeDeployService } from './aws-api/codedeploy.js';
import { ecsService } from './aws-api/ecs.js';
import { loadBalancingService } from './aws-api/elastic-load-balancing.js';
import { secretsService, type Secret } from './aws-api/secrets-manager.js';
import { AwsApi } from './aws-api/server.js';
import { MetricAlarms } from './cloudwatch/alarms.js';
import { datumsOf } from './cloudwatch/emf.js';
import { Metrics } from './cloudwatch/metrics.js';
import { Deployments } from './codedeploy/deployment.js';
import type { Image } from './ecs/container.js';
import { MetadataServer } from './ecs/metadata.js';
import { Processes } from './ecs/processes.js';
import { EcsService } from './ecs/service.js';
import type { Book } from './journal.js';
import { FunctionUrl } from './lambda/function-url.js';
import { LambdaFunctions } from './lambda/functions.js';
import type { Clock, TaskDefinition } from './model.js';
import { ownParts, type Own, type Parts } from './parts.js';
import { PLACE } from './plan/installation.js';
import type { Plan } from './plan/plan.js';

const ZONES = ['eu-west-1a', 'eu-west-1b', 'eu-west-1c'];
const HOOKS = join(import.meta.dirname, '..', 'infra', 'hooks');
const RECEIVER = 'receiver';
const MINUTE_MS = 60_000;
/** Until the first tasks are healthy; starting several processes takes long on a small machine. */
const START_LIMIT_MS = 120_000;

export interface StageOrder {
  plan: Plan;
  clock: Clock;
  journal: Book;
  parts: Parts;
  /** The builds of the rehearsal: blue's and green's. */
  images: { before: Image; now: Image };
  /** The build that blue is of. */
  blue: 'before' | 'now';
  /** Environment variables that a scenario gives to all tasks. */
  environment: Record<string, string>;
}

/** An installation in which a deployment can be played: blue serves, and nothing is deployed yet. */
export interface Stage extends Omit<StageOrder, 'environment' | 'blue'> {
  own: Own;
  groups: [TargetGroup, TargetGroup];
  loadBalancer: LoadBalancer;
  service: EcsService;
  deployments: Deployments;
  metrics: Metrics;
  alarms: MetricAlarms;
  api: AwsApi;
  /** Secrets by ARN; a scenario may change a value. */
  secrets: Map<string, Secret>;
  load: Remote;
  /** A new revision of the task definition. */
  revision(build: 'before' | 'now', environment?: Record<string, string>): TaskDefinition;
  /** The build of a task definition: `before`, `now`, or nothing if there is no such definition. */
  buildOf(arn: string): string;
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
  const apiUrl = await api.start();
  // A shortened minute has as many requests as fit into it; thresholds in numbers a minute keep their meaning.
  const metrics = new Metrics(clock, { weight: MINUTE_MS / clock.minutes(MINUTE_MS) });
  const groups = plan.groups.map((settings) => new TargetGroup({ settings, clock, journal })) as [TargetGroup, TargetGroup];
  const loadBalancer = loadBalancerOf(order, groups, metrics);
  await loadBalancer.start();
  const [blue] = groups;

  const definitions: TaskDefinition[] = [];
  const revision = (build: 'before' | 'now', environment: Record<string, string> = {}) => {
    const made = plan.taskDefinition(definitions.length + 1, `posthorn:${build}`, variablesOf(order, own));
    const more = { ...order.environment, ...environment };
    Object.assign(made.environment, more);
    // ECS refuses a name that is in both.
    for (const name of Object.keys(more)) delete made.secrets[name];
    definitions.push(made);
    return made;
  };
  const first = revision(order.blue);
  const secrets = secretsOf(plan, first, own);
  const processes = new Processes();
  const metadata = await MetadataServer.start();
  const aws = {
    AWS_ENDPOINT_URL: apiUrl,
    AWS_ENDPOINT_URL_SQS: own.sqsEndpoint,
    AWS_ACCESS_KEY_ID: 'rehearsal',
    AWS_SECRET_ACCESS_KEY: 'rehearsal',
  };
  const service = new EcsService(
    { zones: ZONES, desired: plan.desired, gracePeriodMs: plan.healthGraceMs },
    {
      ...PLACE,
      clock,
      journal,
      processes,
      metadata,
      cluster: plan.cluster,
      service: plan.service,
      environment: aws,
      images: (name) => (name === 'posthorn:before' ? images.before : name === 'posthorn:now' ? images.now : null),
      secrets: async (from) => secretOf(secrets, from).value,
    },
  );
  service.onLine(({ text }) => datumsOf(text).forEach((datum) => metrics.put(datum)));
  const { functions, url } = await functionsOf(order, loadBalancer, processes, aws);
  const alarms = new MetricAlarms(plan.alarms, { metrics, clock, journal });
  const { production, test } = loadBalancer;
  const deployments = new Deployments({
    settings: plan.deployment,
    service,
    groups,
    production,
    test,
    functions,
    alarms,
    clock,
    journal,
  });
  service.onStopped((event) => void functions.invoke(`${plan.service}-crash-loop-watcher`, event));
  const arns = { clusterArn: ecsArn(`cluster/${plan.cluster}`), serviceArn: ecsArn(`service/${plan.cluster}/${plan.service}`) };
  api.serve(
    loadBalancingService({ loadBalancerArn: loadBalancerArn(plan), listeners: [production, test], groups }),
    ecsService({ service, ...arns, containerName: first.containerName, containerPort: first.port }),
    codeDeployService({ deployments, taskDefinition: (arn) => definitions.find((one) => one.arn === arn) ?? null }),
    cloudWatchService({ metrics, alarms }),
    secretsService([...secrets.values()]),
  );
  alarms.start();

  const blueSet = service.createTaskSet(first, blue);
  service.makePrimary(blueSet);
  const load = startRemote(join(import.meta.dirname, 'load', 'program.ts'));
  const close = async () => {
    load.stop();
    alarms.stop();
    await service.close();
    await functions.close();
    await url.close();
    await loadBalancer.close();
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
  const buildOf = (arn: string) => definitions.find((one) => one.arn === arn)?.image.split(':')[1] ?? '';
  const made = { own, buildOf, groups, loadBalancer, service, deployments, metrics, alarms, api, secrets, load, revision, token };
  return { plan, clock, journal, parts, images, ...made, close, killNow: () => processes.killNow() };
}

const ecsArn = (resource: string) => `arn:aws:ecs:${PLACE.region}:${PLACE.account}:${resource}`;
const loadBalancerArn = ({ loadBalancer }: Plan) =>
  `arn:aws:elasticloadbalancing:${PLACE.region}:${PLACE.account}:loadbalancer/${loadBalancer}`;

function loadBalancerOf({ plan, clock, journal }: StageOrder, groups: TargetGroup[], sink: Metrics): LoadBalancer {
  const { production, test } = plan.listeners;
  const weights = new Map([[groups[0]!.settings.arn, 1]]);
  return new LoadBalancer({
    arn: loadBalancerArn(plan),
    groups,
    listeners: {
      production: { arn: production, name: 'production', port: 0, weights },
      test: { arn: test, name: 'test', port: 0, weights },
    },
    clock,
    journal,
    sink,
    settings: { idleTimeoutMs: plan.idleTimeoutMs },
  });
}

/** What the pipeline would fill in; the queues and the size are those of this machine. */
function variablesOf({ plan }: StageOrder, own: Own): Record<string, string> {
  return {
    ...plan.variables,
    QUEUE_URL: own.queueUrl,
    DEAD_LETTER_QUEUE_URL: own.deadLetterQueueUrl,
    // The receivers of the rehearsal have private addresses.
    EXTRA_ENVIRONMENT: JSON.stringify({
      ...JSON.parse(plan.variables['EXTRA_ENVIRONMENT'] || '{}'),
      ALLOWED_SUBNETS: '127.0.0.0/8',
    }),
    DATABASE_POOL_SIZE: '20',
  };
}

/** The stacks' secrets, with the values of this rehearsal where the task definition says which variable they are. */
function secretsOf(plan: Plan, definition: TaskDefinition, own: Own): Map<string, Secret> {
  const values: Record<string, string> = {
    DATABASE_URL: own.databaseUrl,
    REDIS_URL: own.redisUrl,
    JWT_SECRET: own.jwtSecret,
    ENCRYPTION_KEY: own.encryptionKey,
  };
  const byArn = new Map(Object.entries(definition.secrets).map(([name, from]) => [from, values[name]]));
  return new Map(
    plan.secrets.map(({ arn, name }) => [arn, { arn, name, value: byArn.get(arn) ?? randomBytes(32).toString('hex') }]),
  );
}

function secretOf(secrets: Map<string, Secret>, from: string): Secret {
  const found = secrets.get(from) ?? [...secrets.values()].find(({ name }) => name === from);
  if (!found) throw new Error(`ResourceNotFoundException: Secrets Manager can't find the specified secret ${from}`);
  return found;
}

/** The functions as they are shipped. Their variables have the names of AWS for the listeners and the receiver: those lead to this machine. */
async function functionsOf(
  { plan, clock, journal }: StageOrder,
  { production, test }: LoadBalancer,
  processes: Processes,
  environment: Record<string, string>,
): Promise<{ functions: LambdaFunctions; url: FunctionUrl }> {
  const here = new Map([
    [plan.urls.production, production.url],
    [plan.urls.test, test.url],
  ]);
  const definitions = plan.functions.map(({ name, file, timeoutMs, environment: variables }) => ({
    name,
    handler: `${file}.handler`,
    environment: { ...variables },
    timeoutMs,
    memoryMb: 256,
  }));
  const functions = new LambdaFunctions({
    definitions,
    place: { folder: HOOKS, ...PLACE, environment },
    clock,
    journal,
    processes,
  });
  const receiver = plan.functions.find(({ file }) => file === RECEIVER);
  if (!receiver) throw new Error('The stacks have no function of infra/hooks/receiver.mjs.');
  const url = await FunctionUrl.start({ functions, name: receiver.name, ...PLACE });
  for (const { environment: variables } of definitions) {
    for (const [name, value] of Object.entries(variables)) {
      const place = value === plan.urls.receiver ? url.url : here.get(value);
      if (place !== undefined) (variables as Record<string, string>)[name] = place;
    }
  }
  return { functions, url };
}
