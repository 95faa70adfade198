import { because, rule } from '../shape.ts';
import type { Unit } from '../unit.ts';
import { elb, ofCache, ofQueue, ofService, own, rds, type Metric } from './metrics.ts';
import type { Shapes } from './shape-of.ts';

const COLOURS = ['Blue', 'Green'] as const;

/** Title of each graph → what it shows. */
function graphsOf(name: string): Record<string, Metric[]> {
  const both = (metricName: string, stat: string) => COLOURS.map((colour) => elb(metricName, stat, colour));
  return {
    'Requests, by colour': [...both('RequestCount', 'Sum'), own(name, 'syntheticRequests', 'Sum')],
    'Server errors': [
      ...both('HTTPCode_Target_5XX_Count', 'Sum'),
      elb('HTTPCode_ELB_5XX_Count', 'Sum'),
      ...['Queue', 'Deliveries'].map((reason) => own(name, `requestsShed${reason}`, 'Sum')),
    ],
    'Latency, 95th percentile, s': both('TargetResponseTime', 'p95'),
    'Deliveries: how late, s': [own(name, 'dueLagSeconds', 'Maximum'), ofQueue('Main', 'ApproximateAgeOfOldestMessage')],
    Queue: (['Main', 'DeadLetter'] as const).map((queue) => ofQueue(queue, 'ApproximateNumberOfMessagesVisible')),
    'Dependencies, 1 is up': ['Database', 'Cache', 'Queue'].map((part) => own(name, `dependencyUp${part}`, 'Minimum')),
    'Fairness: applications over their share': [ofQueue('Main', 'ApproximateNumberOfNoisyGroups')],
    'Waiting, without those': [ofQueue('Main', 'ApproximateNumberOfMessagesVisibleInQuietGroups')],
    'Oldest, without those, s': [ofQueue('Main', 'ApproximateAgeOfOldestMessageInQuietGroups')],
    Tasks: [ofService(name, 'ECS/ContainerInsights', 'RunningTaskCount'), ...both('HealthyHostCount', 'Minimum')],
    'CPU and memory of the tasks, %': ['CPUUtilization', 'MemoryUtilization'].map((what) => ofService(name, 'AWS/ECS', what)),
    'Unhealthy tasks': both('UnHealthyHostCount', 'Maximum'),
    'Database CPU, %': [rds('CPUUtilization', 'Average')],
    'Database connections': [rds('DatabaseConnections', 'Maximum')],
    'Cache memory, %': [ofCache(name)],
  };
}

export function dashboardShapes(it: Unit): Shapes {
  const expected = Object.entries(graphsOf(it.name)).map(([title, metrics]) => `${title}: ${metrics.map(textOf).join(' | ')}`);
  const shown = (body: string) => {
    try {
      return graphsIn(body);
    } catch {
      return [];
    }
  };
  return {
    Dashboard: {
      file: 'lib/dashboard.ts and lib/metrics.ts',
      type: 'AWS::CloudWatch::Dashboard',
      why: 'A graph of a metric with a wrong name, statistic or dimension is empty without a word',
      properties: {
        DashboardName: it.name,
        DashboardBody: because(
          'A graph of a metric with a wrong name, statistic or dimension is empty without a word',
          rule(`graphs of ${expected.join('; ')}, and the alarms of a release`, (body) => {
            const alarms = body.match(/\$\{ReleaseAlarms\w+\.Arn\}/g) ?? [];
            return shown(body).join() === expected.join() && new Set(alarms).size === 6 && body.includes('"start":"-PT3H"');
          }),
        ),
      },
    },
  };
}

function graphsIn(body: string): string[] {
  const { widgets } = JSON.parse(body) as { widgets: { type: string; properties: { title: string; metrics: any[][] } }[] };
  return widgets
    .filter(({ type }) => type === 'metric')
    .map(({ properties: { title, metrics } }) => {
      const named = metrics.filter(([first]) => typeof first === 'string');
      return `${title}: ${named.map((row) => textOf(metricOf(row))).join(' | ')}`;
    });
}

function metricOf(row: any[]): Metric {
  const [Namespace, MetricName, ...rest] = row;
  const last = rest.pop();
  const dimensions: Record<string, string> = {};
  for (let at = 0; at < rest.length; at += 2) dimensions[rest[at]] = rest[at + 1];
  return {
    Namespace,
    MetricName,
    stat: `${last.stat ?? 'Average'}${last.period === 60 ? '' : ` every ${last.period} s`}`,
    dimensions,
  };
}

function textOf({ Namespace, MetricName, stat, dimensions }: Metric): string {
  const sorted = Object.entries(dimensions)
    .map(([name, value]) => `${name}=${value}`)
    .sort();
  return `${stat} of ${Namespace} ${MetricName} (${sorted.join(', ')})`;
}
