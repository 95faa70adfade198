import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { Metrics } from './metrics.ts';

/** One page: is it well, is it keeping up, and what is a release doing. */
export class Dashboard extends Construct {
  constructor(scope: Construct, id: string, name: string, metrics: Metrics, alarms: cloudwatch.IAlarm[]) {
    super(scope, id);
    new cloudwatch.Dashboard(this, 'Dashboard', {
      dashboardName: name,
      defaultInterval: Duration.hours(3),
      widgets: rowsOf(metrics, alarms),
    });
  }
}

function rowsOf(metrics: Metrics, alarms: cloudwatch.IAlarm[]): cloudwatch.IWidget[][] {
  const graph = (title: string, left: cloudwatch.IMetric[], right: cloudwatch.IMetric[] = []) =>
    new cloudwatch.GraphWidget({ title, left, right, width: 8, leftYAxis: { min: 0 }, rightYAxis: { min: 0 } });
  const both = (of: (colour: 'blue' | 'green') => cloudwatch.Metric) =>
    (['blue', 'green'] as const).map((colour) => of(colour).with({ label: colour }));
  const up = (['database', 'cache', 'queue'] as const).map((dependency) => metrics.dependencyUp(dependency));
  return [
    [new cloudwatch.AlarmStatusWidget({ title: 'What takes a release back', alarms, width: 24, height: 3 })],
    [
      graph('Requests, by colour', [...both((colour) => metrics.requests(colour)), metrics.syntheticRequests()]),
      graph('Server errors', [...both((colour) => metrics.errors(colour)), metrics.loadBalancerErrors(), metrics.requestsShed()]),
      graph(
        'Latency, 95th percentile, s',
        both((colour) => metrics.latencyP95(colour)),
      ),
    ],
    [
      graph('Deliveries: how late, s', [metrics.dueLag(), metrics.oldestMessage()]),
      graph('Queue', [metrics.waiting()], [metrics.deadLetters()]),
      graph('Dependencies, 1 is up', up),
    ],
    [
      graph('Fairness: applications over their share', [metrics.noisyGroups()]),
      graph('Waiting, without those', [metrics.waitingInQuietGroups()]),
      graph('Oldest, without those, s', [metrics.oldestInQuietGroups()]),
    ],
    [
      graph('Tasks', [metrics.runningTasks(), metrics.healthyHosts()]),
      graph('CPU and memory of the tasks, %', [metrics.cpu(), metrics.memory()]),
      graph(
        'Unhealthy tasks',
        both((colour) => metrics.unhealthyHosts(colour)),
      ),
    ],
    [
      graph('Database CPU, %', [metrics.databaseCpu()]),
      graph('Database connections', [metrics.databaseConnections()]),
      graph('Cache memory, %', [metrics.cacheMemory()]),
    ],
  ];
}
