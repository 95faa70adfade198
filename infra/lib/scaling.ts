import { Aws, Duration } from 'aws-cdk-lib';
import * as scaling from 'aws-cdk-lib/aws-applicationautoscaling';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { Metrics } from './metrics.ts';
import type { EnvironmentOptions } from './environment-options.ts';
import type { Service } from './service.ts';
import type { Size } from './sizes.ts';

type Query = scaling.CfnScalingPolicy.TargetTrackingMetricDataQueryProperty;

const OUT_SECONDS = 60;
const IN_SECONDS = 300;

export interface ScalingParts {
  name: string;
  service: Service;
  metrics: Metrics;
  size: Size;
  cpuScaling: EnvironmentOptions['cpuScaling'];
}

/**
 * How many tasks there are. With several policies the largest number wins, and tasks go only when all agree. The usual "requests per
 * target" is bound to one target group and so blind after every other release: here it is both groups' requests over running tasks.
 */
export class Scaling extends Construct {
  private readonly name: string;
  private readonly target: scaling.ScalableTarget;

  constructor(scope: Construct, id: string, { name, service, metrics, size, cpuScaling }: ScalingParts) {
    super(scope, id);
    this.name = name;
    this.target = new scaling.ScalableTarget(this, 'Tasks', {
      serviceNamespace: scaling.ServiceNamespace.ECS,
      scalableDimension: 'ecs:service:DesiredCount',
      resourceId: `service/${name}/${name}`,
      minCapacity: size.tasks.min,
      maxCapacity: size.tasks.max,
      role: serviceRole(this),
    });
    this.target.node.addDependency(service.service);
    this.memoryTarget(size.scaling.memoryPercent);
    if (cpuScaling === 'target') this.cpuTarget(size.scaling.cpuPercent);
    else this.cpuSteps(metrics);
    this.track(
      'RequestsPerTask',
      size.scaling.requestsPerTask,
      '(FILL(blue, 0) + FILL(green, 0)) / IF(FILL(tasks, 0) > 0, tasks, 1)',
      {
        blue: metrics.requests('blue'),
        green: metrics.requests('green'),
        tasks: metrics.runningTasks(),
      },
    );
    this.track('BacklogPerTask', size.scaling.backlogPerTask, 'FILL(waiting, 0) / IF(FILL(tasks, 0) > 0, tasks, 1)', {
      waiting: metrics.waiting(),
      tasks: metrics.runningTasks(),
    });
  }

  private cpuTarget(percent: number): void {
    this.target.scaleToTrackMetric('Cpu', {
      predefinedMetric: scaling.PredefinedMetric.ECS_SERVICE_AVERAGE_CPU_UTILIZATION,
      targetValue: percent,
      scaleOutCooldown: Duration.seconds(OUT_SECONDS),
      scaleInCooldown: Duration.seconds(IN_SECONDS),
    });
  }

  /** Only ever adds tasks: Node gives memory back late, so that this would keep tasks that nothing else needs. */
  private memoryTarget(percent: number): void {
    this.target.scaleToTrackMetric('Memory', {
      predefinedMetric: scaling.PredefinedMetric.ECS_SERVICE_AVERAGE_MEMORY_UTILIZATION,
      targetValue: percent,
      disableScaleIn: true,
      scaleOutCooldown: Duration.seconds(OUT_SECONDS),
    });
  }

  /** Above 80 % for two minutes one task more, below 30 % for a quarter of an hour one fewer. */
  private cpuSteps(metrics: Metrics): void {
    const common = { metric: metrics.cpu(), adjustmentType: scaling.AdjustmentType.CHANGE_IN_CAPACITY };
    this.target.scaleOnMetric('CpuHigh', {
      ...common,
      scalingSteps: [
        { lower: 80, change: +1 },
        { lower: 95, change: +2 },
      ],
      evaluationPeriods: 2,
      cooldown: Duration.seconds(OUT_SECONDS),
    });
    this.target.scaleOnMetric('CpuLow', {
      ...common,
      scalingSteps: [
        { upper: 30, change: -1 },
        { upper: 5, change: -2 },
      ],
      evaluationPeriods: 15,
      cooldown: Duration.seconds(IN_SECONDS),
    });
  }

  /** Keeps an expression over metrics at a target; the library's own construct takes only a single metric. */
  private track(id: string, targetValue: number, expression: string, metrics: Record<string, cloudwatch.Metric>): void {
    new scaling.CfnScalingPolicy(this, id, {
      policyName: `${this.name}-${id}`,
      policyType: 'TargetTrackingScaling',
      scalingTargetId: this.target.scalableTargetId,
      targetTrackingScalingPolicyConfiguration: {
        targetValue,
        scaleOutCooldown: OUT_SECONDS,
        scaleInCooldown: IN_SECONDS,
        customizedMetricSpecification: {
          metrics: [
            ...Object.entries(metrics).map(([name, metric]) => queryOf(name, metric)),
            { id: 'result', expression, returnData: true },
          ],
        },
      },
    });
  }
}

/**
 * Application Auto Scaling makes this role itself, and takes no other for ECS. The library would make one that can do nothing.
 * https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-service-linked-roles.html
 */
function serviceRole(scope: Construct): iam.IRole {
  const service = 'ecs.application-autoscaling.amazonaws.com';
  const role = `aws-service-role/${service}/AWSServiceRoleForApplicationAutoScaling_ECSService`;
  return iam.Role.fromRoleArn(scope, 'ServiceRole', `arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:role/${role}`);
}

function queryOf(id: string, { namespace, metricName, dimensions, statistic }: cloudwatch.Metric): Query {
  return {
    id,
    returnData: false,
    metricStat: {
      stat: statistic,
      metric: {
        namespace,
        metricName,
        dimensions: Object.entries(dimensions ?? {}).map(([name, value]) => ({ name, value: String(value) })),
      },
    },
  };
}
