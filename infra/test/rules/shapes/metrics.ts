import type { Unit } from '../unit.ts';

/** A metric with the statistic that is looked at, and all of its dimensions. */
export interface Metric {
  Namespace: string;
  MetricName: string;
  stat: string;
  dimensions: Record<string, string>;
}

/** Functions of the release, in the order of the alarm. */
export function functionsOf({ environment }: Unit): string[] {
  return [
    'ReleaseReceiverFunction',
    'ReleaseAfterAllowTestTrafficFunction',
    'ReleaseAfterAllowTrafficFunction',
    'ReleaseCrashLoopWatcherFunction',
    ...(environment.syntheticTraffic ? ['SyntheticTrafficSenderFunction'] : []),
  ];
}

const LOAD_BALANCER = '${TrafficLoadBalancer.LoadBalancerFullName}';

/** Of the load balancer, or of one target group behind it: that takes both dimensions. */
export function elb(MetricName: string, stat: string, colour?: 'Blue' | 'Green'): Metric {
  const dimensions: Record<string, string> = { LoadBalancer: LOAD_BALANCER };
  if (colour) dimensions.TargetGroup = `\${Traffic${colour}.TargetGroupFullName}`;
  return { Namespace: 'AWS/ApplicationELB', MetricName, stat, dimensions };
}

export function ofService(name: string, Namespace: string, MetricName: string): Metric {
  return { Namespace, MetricName, stat: 'Average', dimensions: { ClusterName: name, ServiceName: name } };
}

export function ofQueue(queue: 'Main' | 'DeadLetter', MetricName: string): Metric {
  return { Namespace: 'AWS/SQS', MetricName, stat: 'Maximum', dimensions: { QueueName: `\${Queues${queue}.QueueName}` } };
}

/** Written by the app: see src/observability/emf.ts. */
export function own(name: string, MetricName: string, stat: string): Metric {
  return { Namespace: 'Posthorn', MetricName, stat, dimensions: { service: name } };
}

export function rds(MetricName: string, stat: string): Metric {
  return { Namespace: 'AWS/RDS', MetricName, stat, dimensions: { DBInstanceIdentifier: '${DatabaseInstance}' } };
}

/** Node metrics of ElastiCache have the node in their dimension, not the group. */
export function ofCache(name: string): Metric {
  const node = { CacheClusterId: `${name}-001` };
  return { Namespace: 'AWS/ElastiCache', MetricName: 'DatabaseMemoryUsagePercentage', stat: 'Maximum', dimensions: node };
}
