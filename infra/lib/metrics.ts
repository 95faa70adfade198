import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type { Cache } from './cache.ts';
import type { Database } from './database.ts';
import type { Queues } from './queues.ts';
import { metrics as appMetrics } from './settings.ts';
import type { Traffic } from './traffic.ts';

export type Colour = 'blue' | 'green';

const PERIOD = Duration.minutes(1);

/** Every number that alarms, autoscaling and the dashboard look at, under one name each. */
export class Metrics {
  private readonly name: string;
  private readonly traffic: Traffic;
  private readonly queues: Queues;
  private readonly database: Database;
  private readonly cache: Cache;

  constructor(parts: { name: string; traffic: Traffic; queues: Queues; database: Database; cache: Cache }) {
    this.name = parts.name;
    this.traffic = parts.traffic;
    this.queues = parts.queues;
    this.database = parts.database;
    this.cache = parts.cache;
  }

  unhealthyHosts(colour: Colour) {
    return this.ofGroup(colour, 'UnHealthyHostCount', 'Maximum');
  }

  /** Of both groups: which one has the traffic alternates, and the other is empty. */
  healthyHosts() {
    const usingMetrics = {
      blue: this.ofGroup('blue', 'HealthyHostCount', 'Minimum'),
      green: this.ofGroup('green', 'HealthyHostCount', 'Minimum'),
    };
    return expression('FILL(blue, 0) + FILL(green, 0)', usingMetrics, 'healthy tasks');
  }

  requests(colour: Colour) {
    return this.ofGroup(colour, 'RequestCount', 'Sum');
  }

  /** Share of server errors in per cent; fewer than five a minute are none. */
  errorPercent(colour: Colour) {
    const usingMetrics = { errors: this.errors(colour), requests: this.requests(colour) };
    return expression('IF(FILL(errors, 0) >= 5, 100 * errors / requests, 0)', usingMetrics, `${colour}: errors, %`);
  }

  errors(colour: Colour) {
    return this.ofGroup(colour, 'HTTPCode_Target_5XX_Count', 'Sum');
  }

  latencyP95(colour: Colour) {
    return this.ofGroup(colour, 'TargetResponseTime', 'p95');
  }

  loadBalancerErrors() {
    return this.ofLoadBalancer('HTTPCode_ELB_5XX_Count');
  }

  rejectedConnections() {
    return this.ofLoadBalancer('RejectedConnectionCount');
  }

  cpu() {
    return metric('AWS/ECS', 'CPUUtilization', this.ofService, 'Average');
  }

  memory() {
    return metric('AWS/ECS', 'MemoryUtilization', this.ofService, 'Average');
  }

  runningTasks() {
    return metric('ECS/ContainerInsights', 'RunningTaskCount', this.ofService, 'Average');
  }

  waiting() {
    return this.queues.main.metricApproximateNumberOfMessagesVisible({ period: PERIOD, statistic: 'Maximum' });
  }

  oldestMessage() {
    return this.queues.main.metricApproximateAgeOfOldestMessage({ period: PERIOD, statistic: 'Maximum' });
  }

  /** Of a fair queue: how many applications use more than their share, and what waits of all others. */
  noisyGroups() {
    return this.ofQueue('ApproximateNumberOfNoisyGroups');
  }

  waitingInQuietGroups() {
    return this.ofQueue('ApproximateNumberOfMessagesVisibleInQuietGroups');
  }

  oldestInQuietGroups() {
    return this.ofQueue('ApproximateAgeOfOldestMessageInQuietGroups');
  }

  deadLetters() {
    return this.queues.deadLetter.metricApproximateNumberOfMessagesVisible({ period: PERIOD, statistic: 'Maximum' });
  }

  syntheticRequests() {
    return this.ofApp(appMetrics.syntheticRequests, 'Sum');
  }

  dueLag() {
    return this.ofApp(appMetrics.dueLag, 'Maximum');
  }

  /** Requests that the app refused because of overload, of all tasks. */
  requestsShed() {
    const usingMetrics = {
      queue: this.ofApp(appMetrics.requestsShed.queue, 'Sum'),
      deliveries: this.ofApp(appMetrics.requestsShed.deliveries, 'Sum'),
    };
    return expression('FILL(queue, 0) + FILL(deliveries, 0)', usingMetrics, 'refused requests');
  }

  dependencyUp(dependency: keyof typeof appMetrics.dependencyUp) {
    return this.ofApp(appMetrics.dependencyUp[dependency], 'Minimum');
  }

  /** Calls that ended with an exception or at the time limit, of all these functions. */
  functionErrors(functions: lambda.IFunction[]) {
    const usingMetrics = Object.fromEntries(
      functions.map((hook, at) => [`errors${at}`, hook.metricErrors({ period: PERIOD, statistic: 'Sum' })]),
    );
    const sum = Object.keys(usingMetrics).map((name) => `FILL(${name}, 0)`);
    return expression(sum.join(' + '), usingMetrics, 'failed calls');
  }

  databaseCpu() {
    return this.database.instance.metricCPUUtilization({ period: PERIOD });
  }

  databaseConnections() {
    return this.database.instance.metricDatabaseConnections({ period: PERIOD, statistic: 'Maximum' });
  }

  databaseFreeStorage() {
    return this.database.instance.metricFreeStorageSpace({ period: PERIOD, statistic: 'Minimum' });
  }

  /** Of the first node, which is there in each size. */
  cacheMemory() {
    const first = { CacheClusterId: `${this.cache.group.replicationGroupId}-001` };
    return metric('AWS/ElastiCache', 'DatabaseMemoryUsagePercentage', first, 'Maximum');
  }

  private get ofService() {
    return { ClusterName: this.name, ServiceName: this.name };
  }

  private ofApp(name: string, statistic: string) {
    return metric(appMetrics.namespace, name, { [appMetrics.dimension]: this.name }, statistic);
  }

  private ofQueue(name: string) {
    return metric('AWS/SQS', name, { QueueName: this.queues.main.queueName }, 'Maximum');
  }

  private ofGroup(colour: Colour, name: string, statistic: string) {
    const dimensions = {
      TargetGroup: this.traffic[colour].attrTargetGroupFullName,
      LoadBalancer: this.traffic.loadBalancer.loadBalancerFullName,
    };
    return metric('AWS/ApplicationELB', name, dimensions, statistic);
  }

  private ofLoadBalancer(name: string) {
    return metric('AWS/ApplicationELB', name, { LoadBalancer: this.traffic.loadBalancer.loadBalancerFullName }, 'Sum');
  }
}

function metric(namespace: string, metricName: string, dimensionsMap: Record<string, string>, statistic: string) {
  return new cloudwatch.Metric({ namespace, metricName, dimensionsMap, statistic, period: PERIOD });
}

function expression(text: string, usingMetrics: Record<string, cloudwatch.IMetric>, label: string) {
  return new cloudwatch.MathExpression({ expression: text, usingMetrics, period: PERIOD, label });
}
