import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { LoadBalancer } from './alb/load-balancer.js';
import { TargetGroup } from './alb/target-group.js';
import type { Secret } from './aws-api/secrets-manager.js';
import { Metrics } from './cloudwatch/metrics.js';
import type { Processes } from './ecs/processes.js';
import { FunctionUrl } from './lambda/function-url.js';
import { LambdaFunctions } from './lambda/functions.js';
import type { Clock } from './model.js';
import type { Own } from './parts.js';
import { PLACE } from './plan/installation.js';
import type { Plan } from './plan/plan.js';
import { valuesOf } from './plan/secrets.js';
import type { Samples } from './samples.js';
import type { StageOrder } from './stage.js';

const HOOKS = join(import.meta.dirname, '..', 'infra', 'hooks');
const RECEIVER = 'receiver';
const MINUTE_MS = 60_000;

/** What traffic meets: the load balancer, its target groups, and the metrics that it publishes. */
export interface Traffic {
  groups: [TargetGroup, TargetGroup];
  loadBalancer: LoadBalancer;
  metrics: Metrics;
}

export const loadBalancerArn = ({ loadBalancer }: Plan) =>
  `arn:aws:elasticloadbalancing:${PLACE.region}:${PLACE.account}:loadbalancer/${loadBalancer}`;

/** The load balancer of the plan, which forwards everything to the first group. */
export function trafficOf({ plan, clock, journal }: StageOrder, log: Samples): Traffic {
  const groups = plan.groups.map((settings) => new TargetGroup({ settings, clock, journal })) as Traffic['groups'];
  // A shortened minute has as many requests as fit into it; thresholds in numbers a minute keep their meaning. A minute late, as it was seen on AWS.
  const metrics = new Metrics(clock, { weight: MINUTE_MS / clock.minutes(MINUTE_MS), lateMinutes: 1 });
  const { production, test } = plan.listeners;
  const weights = new Map([[groups[0].settings.arn, 1]]);
  const loadBalancer = new LoadBalancer({
    arn: loadBalancerArn(plan),
    groups,
    listeners: {
      production: { arn: production, name: 'production', port: 0, weights },
      test: { arn: test, name: 'test', port: 0, weights },
    },
    clock,
    journal,
    sink: metrics,
    log,
    settings: { idleTimeoutMs: unshortened(clock, plan.idleTimeoutMs), dropsInvalidHeaders: plan.dropsInvalidHeaders },
  });
  return { groups, loadBalancer, metrics };
}

/** The idle time has to fit to the service's own, which is real. */
function unshortened(clock: Clock, ms: number): number {
  return (ms * ms) / clock.seconds(ms);
}

/** What the pipeline would fill in; the queues and the size are those of this machine. */
export function variablesOf({ plan }: StageOrder, own: Own): Record<string, string> {
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

/** The stacks' secrets by ARN, with the values of this rehearsal. */
export function secretsOf({ service, secrets }: Plan, own: Own): Map<string, Secret> {
  const values = valuesOf(service, own);
  return new Map(secrets.map(({ arn, name }) => [arn, { arn, name, value: values[name] ?? randomBytes(32).toString('hex') }]));
}

/**
 * The value of a secret by what a task definition has as `valueFrom`: its ARN, with a key of its JSON behind it or without.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html
 *
 * @throws Error as Secrets Manager has it, if there is none; a name without an ARN is not one of its secrets
 */
export function secretValue(secrets: Map<string, Secret>, from: string): string {
  const [, arn = from, key] = /^(arn:(?:[^:]+:){5}[^:]+):([^:]*):[^:]*:[^:]*$/.exec(from) ?? [];
  const found = secrets.get(arn);
  if (!found) throw new Error(`ResourceNotFoundException: Secrets Manager can't find the specified secret ${from}`);
  return key ? String((JSON.parse(found.value) as Record<string, unknown>)[key]) : found.value;
}

/** The functions as they are shipped. Their variables have the names of AWS for the listeners and the receiver: those lead to this machine. */
export async function functionsOf(
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
      // A function must not call what is not played here.
      if (name.endsWith('_URL') && place === undefined)
        throw new Error(`${name} of a function is ${value}, and the stacks have no listener and no receiver there.`);
      if (place !== undefined) (variables as Record<string, string>)[name] = place;
    }
  }
  return { functions, url };
}
