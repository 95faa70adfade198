import { because, inAnyOrder, rule } from '../shape.ts';
import type { Unit } from '../unit.ts';
import { elb, functionsOf, ofCache, ofQueue, ofService, own, rds, type Metric } from './metrics.ts';
import type { Shape, Shapes } from './shape-of.ts';

interface Alarm {
  says: string;
  /** One, or several with an expression over them. */
  looksAt: Metric | { expression: string; label: string; metrics: Record<string, Metric> };
  is: 'GreaterThanThreshold' | 'GreaterThanOrEqualToThreshold' | 'LessThanThreshold';
  threshold: number;
  periods: number;
  /** So many of the periods have to be bad (all). */
  bad?: number;
  missing?: 'breaching';
  why: string;
}

const [ABOVE, AT_LEAST, BELOW] = ['GreaterThanThreshold', 'GreaterThanOrEqualToThreshold', 'LessThanThreshold'] as const;

export function alarmShapes(it: Unit): Shapes {
  const release = (['Blue', 'Green'] as const).flatMap((colour) => Object.entries(ofRelease(colour)));
  return {
    ...named('ReleaseAlarms', it, Object.fromEntries(release)),
    ...named('ServiceAlarms', it, { ...ofTraffic(), ...ofApp(it), ...ofData(it) }),
    ...named('FunctionAlarm', it, { functions: ofFunctions(it) }),
    ...(it.environment.cpuScaling === 'steps' ? ofSteps(it) : {}),
  };
}

function ofRelease(colour: 'Blue' | 'Green'): Record<string, Alarm> {
  const name = `release-${colour.toLowerCase()}`;
  const why = 'It takes a release back, so it has to go off within the five minutes of the canary and on nothing but a fault';
  return {
    [`${name}-unhealthy`]: {
      says: 'Tasks of this target group fail their health check',
      looksAt: elb('UnHealthyHostCount', 'Maximum', colour),
      is: AT_LEAST,
      threshold: 1,
      periods: 2,
      why,
    },
    [`${name}-5xx`]: {
      says: 'More than 5 % of the answers of this target group, and at least 5 a minute, are server errors',
      looksAt: {
        expression: 'IF(FILL(errors, 0) >= 5, 100 * errors / requests, 0)',
        label: `${colour.toLowerCase()}: errors, %`,
        metrics: { errors: elb('HTTPCode_Target_5XX_Count', 'Sum', colour), requests: elb('RequestCount', 'Sum', colour) },
      },
      is: ABOVE,
      threshold: 5,
      periods: 3,
      bad: 2,
      why,
    },
    [`${name}-latency`]: {
      says: 'One request in twenty to this target group takes longer than a second',
      looksAt: elb('TargetResponseTime', 'p95', colour),
      is: ABOVE,
      threshold: 1,
      periods: 3,
      why,
    },
  };
}

function ofTraffic(): Record<string, Alarm> {
  return {
    'healthy-hosts': {
      says: 'Fewer than two healthy tasks, blue and green together',
      looksAt: {
        expression: 'FILL(blue, 0) + FILL(green, 0)',
        label: 'healthy tasks',
        metrics: { blue: elb('HealthyHostCount', 'Minimum', 'Blue'), green: elb('HealthyHostCount', 'Minimum', 'Green') },
      },
      is: BELOW,
      threshold: 2,
      periods: 3,
      bad: 2,
      missing: 'breaching',
      why: 'A load balancer without any target reports nothing: missing data is the fault itself',
    },
    'load-balancer-5xx': {
      says: 'The load balancer itself answers with errors: no task to send to, or one that closed the connection',
      looksAt: elb('HTTPCode_ELB_5XX_Count', 'Sum'),
      is: AT_LEAST,
      threshold: 10,
      periods: 2,
      why: 'Without errors it reports nothing',
    },
    'rejected-connections': {
      says: 'The load balancer is full',
      looksAt: elb('RejectedConnectionCount', 'Sum'),
      is: AT_LEAST,
      threshold: 1,
      periods: 1,
      why: 'Without rejections it reports nothing',
    },
  };
}

function ofApp({ name, size }: Unit): Record<string, Alarm> {
  const dependency = (part: string): Alarm => ({
    says: `Tasks can't reach the ${part}`,
    looksAt: own(name, `dependencyUp${part[0]!.toUpperCase()}${part.slice(1)}`, 'Minimum'),
    is: BELOW,
    threshold: 1,
    periods: 2,
    why: 'The worst task counts: 1 is up, 0 is down',
  });
  const why = 'It calls people when it is worth it, and does not go off on a minute of load';
  return {
    'running-tasks': {
      says: 'Fewer tasks run than there have to be',
      looksAt: ofService(name, 'ECS/ContainerInsights', 'RunningTaskCount'),
      is: BELOW,
      threshold: size.tasks.min,
      periods: 5,
      missing: 'breaching',
      why: 'A service without tasks reports nothing: missing data is the fault itself',
    },
    cpu: {
      says: 'All tasks there may be are busy',
      looksAt: ofService(name, 'AWS/ECS', 'CPUUtilization'),
      is: ABOVE,
      threshold: 85,
      periods: 10,
      why,
    },
    memory: {
      says: 'Tasks run out of memory',
      looksAt: ofService(name, 'AWS/ECS', 'MemoryUtilization'),
      is: ABOVE,
      threshold: 85,
      periods: 5,
      why,
    },
    'dead-letters': {
      says: 'Something is in the dead-letter queue',
      looksAt: ofQueue('DeadLetter', 'ApproximateNumberOfMessagesVisible'),
      is: ABOVE,
      threshold: 0,
      periods: 1,
      why: 'One message there is one that nobody works on',
    },
    'oldest-message': {
      says: 'A task waits in the queue for 5 minutes',
      looksAt: ofQueue('Main', 'ApproximateAgeOfOldestMessage'),
      is: ABOVE,
      threshold: 300,
      periods: 3,
      why,
    },
    'due-lag': {
      says: 'A delivery is a minute late',
      looksAt: own(name, 'dueLagSeconds', 'Maximum'),
      is: ABOVE,
      threshold: 60,
      periods: 10,
      why,
    },
    overload: {
      says: 'Tasks refuse requests, because more come than they can serve in time',
      looksAt: {
        expression: 'FILL(queue, 0) + FILL(deliveries, 0)',
        label: 'refused requests',
        metrics: { queue: own(name, 'requestsShedQueue', 'Sum'), deliveries: own(name, 'requestsShedDeliveries', 'Sum') },
      },
      is: AT_LEAST,
      threshold: 1,
      periods: 4,
      bad: 3,
      why,
    },
    'dependency-database': dependency('database'),
    'dependency-cache': dependency('cache'),
    'dependency-queue': dependency('queue'),
  };
}

function ofData({ name, size: { database, cache } }: Unit): Record<string, Alarm> {
  const why = 'It calls people while there is time: before the limit, not at it';
  return {
    'database-cpu': {
      says: 'The database is busy',
      looksAt: rds('CPUUtilization', 'Average'),
      is: ABOVE,
      threshold: 80,
      periods: 10,
      why,
    },
    'database-connections': {
      says: 'Four fifths of the connections that the database allows are taken',
      looksAt: rds('DatabaseConnections', 'Maximum'),
      is: ABOVE,
      threshold: Math.floor(database.maxConnections * 0.8),
      periods: 3,
      why,
    },
    'database-storage': {
      says: 'Less than a tenth of the first storage is free; it grows by itself up to ten times the first',
      looksAt: rds('FreeStorageSpace', 'Minimum'),
      is: BELOW,
      threshold: (database.storageGb / 10) * 1024 ** 3,
      periods: 3,
      why: 'FreeStorageSpace is in bytes',
    },
    'cache-memory': {
      says: `The memory of the ${cache.nodeType} is nearly full`,
      looksAt: ofCache(name),
      is: ABOVE,
      threshold: 80,
      periods: 5,
      why,
    },
  };
}

function ofFunctions(it: Unit): Alarm {
  const metrics = Object.fromEntries(functionsOf(it).map((id, at) => [`errors${at}`, functionErrors(id)]));
  return {
    says: 'A function of the release failed: a hook, the receiver of its webhook, the crash-loop watcher, or the synthetic traffic',
    looksAt: {
      expression: Object.keys(metrics)
        .map((id) => `FILL(${id}, 0)`)
        .join(' + '),
      label: 'failed calls',
      metrics,
    },
    is: AT_LEAST,
    threshold: 1,
    periods: 15,
    bad: 1,
    why: 'One error of any of them is one too many, and counts for the minute in which the call began, up to 15 minutes ago',
  };
}

function functionErrors(id: string): Metric {
  return { Namespace: 'AWS/Lambda', MetricName: 'Errors', stat: 'Sum', dimensions: { FunctionName: `\${${id}}` } };
}

function named(group: string, it: Unit, alarms: Record<string, Alarm>): Shapes {
  return Object.fromEntries(
    Object.entries(alarms).map(([name, alarm]) => [`${group}${name.replaceAll('-', '')}`, shapeOf(`${it.name}-${name}`, alarm)]),
  );
}

function shapeOf(
  AlarmName: string,
  { says, looksAt, is, threshold, periods, bad = periods, missing = undefined, why }: Alarm,
): Shape {
  const topic = because('Nobody hears of an alarm without an action, and nobody that it is over without the second', [
    '${NotificationsTopic}',
  ]);
  return {
    file: 'lib/alarms.ts and lib/metrics.ts',
    type: 'AWS::CloudWatch::Alarm',
    why,
    properties: {
      AlarmName,
      AlarmDescription: because('docs/operations.md has a line for each', `${says}. See docs/operations.md.`),
      AlarmActions: topic,
      OKActions: topic,
      ComparisonOperator: is,
      Threshold: threshold,
      EvaluationPeriods: periods,
      DatapointsToAlarm: bad,
      TreatMissingData: missing ?? 'notBreaching',
      ...('expression' in looksAt ? { Metrics: inAnyOrder(...queriesOf(looksAt)) } : single(looksAt)),
    },
  };
}

function queriesOf({ expression, label, metrics }: Exclude<Alarm['looksAt'], Metric>): unknown[] {
  const queries = Object.entries(metrics).map(([Id, { Namespace, MetricName, stat, dimensions }]) => ({
    Id,
    MetricStat: { Metric: { Dimensions: dimensionsOf(dimensions), MetricName, Namespace }, Period: 60, Stat: stat },
    ReturnData: false,
  }));
  return [{ Expression: expression, Id: 'expr_1', Label: label, ReturnData: true }, ...queries];
}

function single({ Namespace, MetricName, stat, dimensions }: Metric): Record<string, unknown> {
  const percentile = stat.startsWith('p');
  return {
    Namespace,
    MetricName,
    Dimensions: because(
      'A metric has exactly these dimensions: with others the alarm looks at nothing',
      inAnyOrder(...dimensionsOf(dimensions)),
    ),
    Period: because('The metric comes once a minute', 60),
    ...(percentile ? { ExtendedStatistic: stat } : { Statistic: stat }),
    ...(percentile
      ? { EvaluateLowSampleCountPercentile: because('A percentile of a few requests is about one of them', 'ignore') }
      : {}),
  };
}

function dimensionsOf(dimensions: Record<string, string>): { Name: string; Value: string }[] {
  return Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
}

/** Those that the CDK makes for scaling in steps. */
function ofSteps({ name }: Unit): Shapes {
  const steps = (policy: string, AlarmDescription: string, changed: object): Shape => ({
    file: 'lib/scaling.ts',
    type: 'AWS::CloudWatch::Alarm',
    why: 'Above 80 % for two minutes a task more, below 30 % for a quarter of an hour one fewer',
    properties: {
      AlarmActions: [`\${${policy}}`],
      AlarmDescription,
      ...single(ofService(name, 'AWS/ECS', 'CPUUtilization')),
      ...changed,
    },
  });
  return {
    ScalingTasksCpuHighUpperAlarm: steps('ScalingTasksCpuHighUpperPolicy', 'Upper threshold scaling alarm', {
      ComparisonOperator: AT_LEAST,
      EvaluationPeriods: 2,
      Threshold: 80,
    }),
    ScalingTasksCpuLowLowerAlarm: steps('ScalingTasksCpuLowLowerPolicy', 'Lower threshold scaling alarm', {
      ComparisonOperator: 'LessThanOrEqualToThreshold',
      EvaluationPeriods: rule('from 10 to 30', (value) => value >= 10 && value <= 30),
      Threshold: 30,
    }),
  };
}
