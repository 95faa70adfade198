import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Fault } from './fault.ts';
import type { Unit } from './unit.ts';

const INFRA = join(import.meta.dirname, '..', '..');

/** Days that CloudWatch takes (PutRetentionPolicy, `retentionInDays`). */
const RETENTIONS = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];
/** The lifecycle hook of a deployment to ECS may take an hour, and its function a quarter of one. */
const HOOK_LIMIT = 3600;
const LAMBDA_LIMIT = 900;
/** Minutes from the first shift of the default canary to the second. */
const CANARY_MINUTES = 5;

/** Something that has to be over before something else is: `less` is at most `more`. */
interface Order {
  where: string;
  less: [string, number];
  more: [string, number];
  why: string;
}

/** Waits and time-outs against each other, and retentions that CloudWatch offers. */
export function waitFaults(it: Unit, sources: Sources = SOURCES): Fault[] {
  const late = ordersOf(it, sources).filter(({ less, more }) => !(less[1] <= more[1]));
  return [
    ...late.map(({ where, less, more, why }) => ({
      where,
      what: `${less[0]} is ${less[1]} and ${more[0]} is ${more[1]}: make the first at most the second`,
      why,
    })),
    ...retentionFaults(it),
  ];
}

/** What is written elsewhere: in hooks/, taskdef.json and the app. */
export interface Sources {
  /** Constants of hooks/*.mjs, in milliseconds, by file and name. */
  hook: Record<string, Record<string, number>>;
  drainSeconds: number;
  stopTimeout: number;
  /** How long the app keeps an idle connection open. */
  keepAliveMs: number;
  migrationMinutes: number;
}

function constantsOf(path: string): Record<string, number> {
  const text = readFileSync(join(INFRA, path), 'utf8');
  const found = [...text.matchAll(/(?:const |\b)(\w+)(?: =|:) (\d[\d_]*)[;,]/g)];
  return Object.fromEntries(found.map(([, name, value]) => [name!, Number(value!.replaceAll('_', ''))]));
}

const task = JSON.parse(readFileSync(join(INFRA, '..', 'taskdef.json'), 'utf8')).containerDefinitions[0];

const HOOKS = ['check', 'limits', 'release-check', 'synthetic-traffic', 'traffic', 'verdict'];

export const SOURCES: Sources = {
  hook: Object.fromEntries(HOOKS.map((file) => [file, constantsOf(`hooks/${file}.mjs`)])),
  drainSeconds: Number(task.environment.find(({ name }: { name: string }) => name === 'DRAIN_SECONDS').value),
  stopTimeout: task.stopTimeout,
  keepAliveMs: constantsOf('../src/http-server.ts').KEEP_ALIVE_MS ?? 0,
  migrationMinutes: constantsOf('lib/release-buildspec.ts').MIGRATION_LIMIT_MINUTES ?? Number.NaN,
};

function ordersOf(it: Unit, sources: Sources): Order[] {
  if (it.kind !== 'environment') return [];
  return [...ofTargets(it, sources), ...ofHooks(it, sources), ...ofAlarms(it), ...ofRest(it, sources)];
}

const of = (it: Unit, type: string) => Object.entries(it.resources).filter(([, { Type }]) => Type === type);

function ofTargets(it: Unit, { drainSeconds, stopTimeout, keepAliveMs }: Sources): Order[] {
  const attribute = (list: { Key: string; Value: string }[], key: string) =>
    Number(list.find(({ Key }) => Key === key)?.Value ?? Number.NaN);
  const groups = of(it, 'AWS::ElasticLoadBalancingV2::TargetGroup').flatMap(([id, { Properties: group }]): Order[] => {
    const where = `lib/settings.ts, targetGroup: ${id} of ${it.name}`;
    const delay = attribute(group.TargetGroupAttributes, 'deregistration_delay.timeout_seconds');
    const grace = it.resources.Service?.Properties.HealthCheckGracePeriodSeconds;
    return [
      {
        where,
        less: ['the time-out of the health check', group.HealthCheckTimeoutSeconds + 1],
        more: ['its interval', group.HealthCheckIntervalSeconds],
        why: 'A check that is still waiting when the next begins is refused by the load balancer',
      },
      {
        where,
        less: ['DRAIN_SECONDS', drainSeconds],
        more: ['the deregistration delay', delay],
        why: 'A task that is leaving answers what was sent to it',
      },
      {
        where,
        less: ['the deregistration delay', delay],
        more: ['stopTimeout of taskdef.json', stopTimeout],
        why: 'ECS stops a task when the delay is over, and a long one makes each release wait',
      },
      {
        where,
        less: ['twice the checks until a task is healthy', 2 * group.HealthCheckIntervalSeconds * group.HealthyThresholdCount],
        more: ["the service's grace period", grace],
        why: 'ECS would stop a task that has just started, and start it again without end',
      },
    ];
  });
  const idle = of(it, 'AWS::ElasticLoadBalancingV2::LoadBalancer').map(([id, { Properties }]): Order => ({
    where: `lib/settings.ts, loadBalancer: ${id} of ${it.name}`,
    less: [
      'the idle limit of the load balancer',
      attribute(Properties.LoadBalancerAttributes, 'idle_timeout.timeout_seconds') + 1,
    ],
    more: ["the app's, in src/http-server.ts", keepAliveMs / 1000],
    why: 'If the app closes an idle connection first, the load balancer answers 502 to whoever it had just given it to',
  }));
  return [...groups, ...idle];
}

function ofHooks(it: Unit, { hook }: Sources): Order[] {
  const seconds = (file: string, name: string) => (hook[file]?.[name] ?? Number.NaN) / 1000;
  const check = seconds('verdict', 'CHECK_LIMIT_MS');
  const reserve = seconds('release-check', 'CALLBACK_RESERVE_MS');
  const callback = seconds('limits', 'requestTimeout');
  const [request, cleanup, every] = ['REQUEST_LIMIT_MS', 'CLEANUP_LIMIT_MS', 'EVERY_MS'].map((name) => seconds('check', name));
  const where = 'hooks/release-check.mjs, verdict.mjs and check.mjs';
  const functions = of(it, 'AWS::Lambda::Function')
    .filter(([, { Properties }]) => String(Properties.Handler).startsWith('release-check.'))
    .flatMap(([id, { Properties }]): Order[] => [
      {
        where: `lib/release.ts: ${id} of ${it.name}.Timeout`,
        less: ['the time of the check and of its call to CodeDeploy', check + reserve],
        more: ['the time-out of the function', Properties.Timeout],
        why: 'Without the call CodeDeploy waits for an hour',
      },
      {
        where: `lib/release.ts: ${id} of ${it.name}.Timeout`,
        less: ['the time-out of the function', Properties.Timeout],
        more: ['what Lambda and CodeDeploy allow', Math.min(LAMBDA_LIMIT, HOOK_LIMIT)],
        why: 'Lambda ends the function, or CodeDeploy the deployment',
      },
    ]);
  return [
    ...functions,
    {
      where,
      less: ['three calls to CodeDeploy, and the pauses', 3 * callback + 2],
      more: ['what is kept back for them', reserve],
      why: 'The verdict has to get out whatever happened before',
    },
    {
      where,
      less: ['one request, the cleanup, and the pause', request! + cleanup! + every!],
      more: ['half of the time of the check', check / 2],
      why: 'A green that needs a second try, and the webhook that needs another attempt, have to fit into the check',
    },
    ...ofTraffic(it, seconds),
    {
      where,
      less: ['a minute', 60],
      more: ['the time of the check', check],
      why: 'Posthorn tries a webhook that failed again after 5 s, and green may take 30 s to get its first traffic',
    },
  ];
}

/** A run of the synthetic traffic has a minute, and time for its last answers. */
function ofTraffic(it: Unit, seconds: (file: string, name: string) => number): Order[] {
  const sender = it.resources.SyntheticTrafficSenderFunction;
  const [run, answer] = [seconds('synthetic-traffic', 'RUN_MS'), seconds('traffic', 'REQUEST_LIMIT_MS')];
  if (!sender) return [];
  const where = `lib/synthetic-traffic.ts: SyntheticTrafficSenderFunction of ${it.name}.Timeout`;
  return [
    {
      where,
      less: ['a run, its last answers, and what is written down then', run + answer + 15],
      more: ['the time-out of the function', sender.Properties.Timeout],
      why: 'A run that is ended before writes down nothing: the next one takes its requests for those of others',
    },
    {
      where: 'hooks/traffic.mjs, LATE_MS',
      less: ['the time after which a message is late', seconds('traffic', 'LATE_MS')],
      more: ['half of a run', run / 2],
      why: 'A message that is sent in the first half has to be counted before the run is over',
    },
    {
      where: 'hooks/synthetic-traffic.mjs, RUN_MS',
      less: ['a run', run],
      more: ['the minute until the next one', 60],
      why: 'Two runs at once send twice as much',
    },
  ];
}

/** An alarm that takes a release back has to go off while the canary is on. */
function ofAlarms(it: Unit): Order[] {
  return of(it, 'AWS::CloudWatch::Alarm')
    .filter(([id]) => id.startsWith('ReleaseAlarms'))
    .map(([id, { Properties: alarm }]) => ({
      where: `lib/alarms.ts: ${id} of ${it.name}`,
      less: ['its periods together, and one until the metric is there', (alarm.EvaluationPeriods + 1) * (alarm.Period ?? 60)],
      more: ['the canary', CANARY_MINUTES * 60],
      why: 'A tenth of the callers has the new version for these five minutes; afterwards all have it',
    }));
}

function ofRest(it: Unit, { migrationMinutes }: Sources): Order[] {
  const {
    QueuesMain: main,
    QueuesDeadLetter: dead,
    DeploymentMigrateProject: migrate,
    ReleaseTaskStopped: stopped,
  } = it.resources;
  const retry = stopped?.Properties.Targets[0]?.RetryPolicy ?? {};
  return [
    {
      where: `lib/queues.ts: QueuesDeadLetter of ${it.name}`,
      less: ['the retention of the queue', main?.Properties.MessageRetentionPeriod],
      more: ['that of its dead-letter queue', dead?.Properties.MessageRetentionPeriod],
      why: 'A message keeps the time at which it was sent, and would be gone from there at once',
    },
    {
      where: `lib/deployment.ts: DeploymentMigrateProject of ${it.name}`,
      less: ['MIGRATION_LIMIT_MINUTES', migrationMinutes],
      more: ['the time-out of the build', migrate?.Properties.TimeoutInMinutes],
      why: 'The build would end before the migration that it waits for',
    },
    {
      where: `lib/deployment.ts: DeploymentMigrateProject of ${it.name}`,
      less: ['half an hour', 30],
      more: ['MIGRATION_LIMIT_MINUTES', migrationMinutes],
      why: 'An index on a table of messages takes longer than a few minutes',
    },
    {
      where: `lib/release.ts: ReleaseTaskStopped of ${it.name}`,
      less: ['a minute', 60],
      more: ['the age at which an event is dropped', retry.MaximumEventAgeInSeconds],
      why: 'EventBridge takes no less',
    },
  ];
}

function retentionFaults(it: Unit): Fault[] {
  return of(it, 'AWS::Logs::LogGroup')
    .filter(([, { Properties }]) => !RETENTIONS.includes(Properties.RetentionInDays))
    .map(([id, { Properties }]) => ({
      where: `${id} (AWS::Logs::LogGroup) of ${it.name}.RetentionInDays`,
      what: `it is ${Properties.RetentionInDays ?? 'not there'}: make it one of ${RETENTIONS.join(', ')}`,
      why: 'CloudWatch takes these numbers of days and no others; without one the log is kept, and paid for, for ever',
    }));
}
