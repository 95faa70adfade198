import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as actions from 'aws-cdk-lib/aws-cloudwatch-actions';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { Metrics } from './metrics.ts';
import type { Size } from './sizes.ts';

const {
  GREATER_THAN_OR_EQUAL_TO_THRESHOLD: AT_LEAST,
  LESS_THAN_THRESHOLD: BELOW,
  GREATER_THAN_THRESHOLD: ABOVE,
} = cloudwatch.ComparisonOperator;
const { BREACHING, NOT_BREACHING } = cloudwatch.TreatMissingData;
const PERCENTILE = /^p\d/;

interface AlarmSettings {
  /** docs/operations.md has a line for each, under this name. */
  name: string;
  what: string;
  metric: cloudwatch.IMetric;
  is: cloudwatch.ComparisonOperator;
  threshold: number;
  /**
   * Periods, of which so many have to be bad. An expression with FILL has to leave one out: FILL makes a value for the youngest minute too,
   * whose metric comes later.
   * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
   */
  periods: number;
  bad?: number;
  missing?: cloudwatch.TreatMissingData;
}

export interface AlarmParts {
  /** The installation's: what all alarms begin with. */
  name: string;
  metrics: Metrics;
  /** Who is told. */
  topic: sns.ITopic;
}

/** Alarms about the two target groups: any of them takes a release back. They know which group is meant, since the live one alternates. */
export class ReleaseAlarms extends Construct {
  readonly alarms: cloudwatch.Alarm[];

  constructor(scope: Construct, id: string, { name, metrics, topic }: AlarmParts) {
    super(scope, id);
    this.alarms = (['blue', 'green'] as const).flatMap((colour) =>
      [
        {
          name: `release-${colour}-unhealthy`,
          what: 'Tasks of this target group fail their health check',
          metric: metrics.unhealthyHosts(colour),
          is: AT_LEAST,
          threshold: 1,
          periods: 2,
        },
        {
          name: `release-${colour}-5xx`,
          what: 'More than 5 % of the answers of this target group, and at least 5 a minute, are server errors',
          metric: metrics.errorPercent(colour),
          is: ABOVE,
          threshold: 5,
          periods: 3,
          bad: 2,
        },
        {
          name: `release-${colour}-latency`,
          what: 'One request in twenty to this target group takes longer than a second',
          metric: metrics.latencyP95(colour),
          is: ABOVE,
          threshold: 1,
          periods: 3,
        },
      ].map((settings) => alarm(this, name, settings, topic)),
    );
  }
}

/** Alarms about the service as it is; they call people, and stop no release: one of them may be what the release mends. */
export class ServiceAlarms extends Construct {
  constructor(scope: Construct, id: string, { name, metrics, topic }: AlarmParts, size: Size) {
    super(scope, id);
    for (const settings of [...trafficAlarms(metrics), ...appAlarms(metrics, size), ...dataAlarms(metrics, size)])
      alarm(this, name, settings, topic);
  }
}

/** The alarm about the functions that judge and stop releases. It stops none itself: a hook that fails has said so to CodeDeploy. */
export class FunctionAlarm extends Construct {
  constructor(scope: Construct, id: string, { name, metrics, topic }: AlarmParts, functions: lambda.IFunction[]) {
    super(scope, id);
    const settings = {
      name: 'functions',
      what: 'A function of the release failed: a hook, the receiver of its webhook, the crash-loop watcher, or the synthetic traffic',
      metric: metrics.functionErrors(functions),
      is: AT_LEAST,
      threshold: 1,
      // An error counts for the minute in which the call began: up to a quarter of an hour ago, the most that a function may take.
      periods: 15,
      bad: 1,
    };
    alarm(this, name, settings, topic);
  }
}

function trafficAlarms(metrics: Metrics): AlarmSettings[] {
  return [
    {
      name: 'healthy-hosts',
      what: 'Fewer than two healthy tasks, blue and green together',
      metric: metrics.healthyHosts(),
      is: BELOW,
      threshold: 2,
      periods: 3,
      bad: 2,
      missing: BREACHING,
    },
    {
      name: 'load-balancer-5xx',
      what: 'The load balancer itself answers with errors: no task to send to, or one that closed the connection',
      metric: metrics.loadBalancerErrors(),
      is: AT_LEAST,
      threshold: 10,
      periods: 2,
    },
    {
      name: 'rejected-connections',
      what: 'The load balancer is full',
      metric: metrics.rejectedConnections(),
      is: AT_LEAST,
      threshold: 1,
      periods: 1,
    },
  ];
}

function appAlarms(metrics: Metrics, size: Size): AlarmSettings[] {
  return [
    {
      name: 'running-tasks',
      what: 'Fewer tasks run than there have to be',
      metric: metrics.runningTasks(),
      is: BELOW,
      threshold: size.tasks.min,
      periods: 5,
      missing: BREACHING,
    },
    { name: 'cpu', what: 'All tasks there may be are busy', metric: metrics.cpu(), is: ABOVE, threshold: 85, periods: 10 },
    { name: 'memory', what: 'Tasks run out of memory', metric: metrics.memory(), is: ABOVE, threshold: 85, periods: 5 },
    {
      name: 'dead-letters',
      what: 'Something is in the dead-letter queue',
      metric: metrics.deadLetters(),
      is: ABOVE,
      threshold: 0,
      periods: 1,
    },
    {
      name: 'oldest-message',
      what: 'A task waits in the queue for 5 minutes',
      metric: metrics.oldestMessage(),
      is: ABOVE,
      threshold: 300,
      periods: 3,
    },
    { name: 'due-lag', what: 'A delivery is a minute late', metric: metrics.dueLag(), is: ABOVE, threshold: 60, periods: 10 },
    {
      name: 'overload',
      what: 'Tasks refuse requests, because more come than they can serve in time',
      metric: metrics.requestsShed(),
      is: AT_LEAST,
      threshold: 1,
      periods: 4,
      bad: 3,
    },
    ...(['database', 'cache', 'queue'] as const).map((dependency) => ({
      name: `dependency-${dependency}`,
      what: `Tasks can't reach the ${dependency}`,
      metric: metrics.dependencyUp(dependency),
      is: BELOW,
      threshold: 1,
      periods: 2,
    })),
  ];
}

function dataAlarms(metrics: Metrics, { database, cache }: Size): AlarmSettings[] {
  return [
    { name: 'database-cpu', what: 'The database is busy', metric: metrics.databaseCpu(), is: ABOVE, threshold: 80, periods: 10 },
    {
      name: 'database-connections',
      what: 'Four fifths of the connections that the database allows are taken',
      metric: metrics.databaseConnections(),
      is: ABOVE,
      threshold: Math.floor(database.maxConnections * 0.8),
      periods: 3,
    },
    {
      name: 'database-storage',
      what: 'Less than a tenth of the first storage is free; it grows by itself up to ten times the first',
      metric: metrics.databaseFreeStorage(),
      is: BELOW,
      threshold: (database.storageGb / 10) * 1024 ** 3,
      periods: 3,
    },
    {
      name: 'cache-memory',
      what: `The memory of the ${cache.nodeType} is nearly full`,
      metric: metrics.cacheMemory(),
      is: ABOVE,
      threshold: 80,
      periods: 5,
    },
  ];
}

function alarm(scope: Construct, name: string, settings: AlarmSettings, topic: sns.ITopic): cloudwatch.Alarm {
  const created = new cloudwatch.Alarm(scope, settings.name, {
    alarmName: `${name}-${settings.name}`,
    alarmDescription: `${settings.what}. See docs/operations.md.`,
    metric: settings.metric,
    comparisonOperator: settings.is,
    threshold: settings.threshold,
    evaluationPeriods: settings.periods,
    datapointsToAlarm: settings.bad ?? settings.periods,
    treatMissingData: settings.missing ?? NOT_BREACHING,
    // A percentile of a few samples is about one of them: one slow request would stop a release.
    ...(isPercentile(settings.metric) ? { evaluateLowSampleCountPercentile: 'ignore' } : {}),
  });
  const notify = new actions.SnsAction(topic);
  created.addAlarmAction(notify);
  created.addOkAction(notify);
  return created;
}

function isPercentile(metric: cloudwatch.IMetric): boolean {
  return PERCENTILE.test(metric.toMetricConfig().metricStat?.statistic ?? '');
}
