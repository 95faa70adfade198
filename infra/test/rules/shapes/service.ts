import { because, rule } from '../shape.ts';
import { subnets, type Unit } from '../unit.ts';
import type { Shape, Shapes } from './shape-of.ts';

const FILE = 'lib/service.ts';

export function serviceShapes(it: Unit): Shapes {
  return { ServiceCluster: cluster(it), Service: service(it), ServiceStandIn: standIn(it), ...scaling(it) };
}

function cluster({ name }: Unit): Shape {
  return {
    file: FILE,
    type: 'AWS::ECS::Cluster',
    why: 'What is typed in a task is logged, and Container Insights counts the tasks for scaling and alarms',
    properties: {
      ClusterName: name,
      ClusterSettings: [{ Name: 'containerInsights', Value: 'enabled' }],
      Configuration: {
        ExecuteCommandConfiguration: {
          LogConfiguration: { CloudWatchLogGroupName: rule('the log group of shells', (value) => isLog(value, name, 'Exec')) },
          Logging: 'OVERRIDE',
        },
      },
    },
  };
}

/** The log group, or its name if an earlier installation left it. */
function isLog(value: string, name: string, id: 'App' | 'Exec'): boolean {
  return value === `\${Logs${id}}` || value === `/${name}/${id.toLowerCase()}`;
}

function service(it: Unit): Shape {
  return {
    file: FILE,
    type: 'AWS::ECS::Service',
    why: 'ECS refuses most changes of a service that CodeDeploy deploys: a difference fails the update of the stack',
    properties: {
      ServiceName: because('CodeDeploy, the scaling and the watcher know it by this name', it.name),
      Cluster: '${ServiceCluster}',
      DeploymentController: { Type: because('CodeDeploy deploys no service of another controller', 'CODE_DEPLOY') },
      LaunchType: 'FARGATE',
      PlatformVersion: because(
        'CodeDeploy makes task sets with the version of appspec.yaml, and old ones lack ECS Exec',
        'LATEST',
      ),
      DesiredCount: because('From then on it is the autoscaling that says how many: a size must not change it', 2),
      TaskDefinition: because(
        'By family: each release is a new revision, which the stack must not take back',
        `${it.name}-bootstrap`,
      ),
      LoadBalancers: [{ ContainerName: 'app', ContainerPort: 3000, TargetGroupArn: '${TrafficBlue}' }],
      NetworkConfiguration: {
        AwsvpcConfiguration: {
          AssignPublicIp: because(
            'Tasks are in private subnets, where a public address has no use and is a hole elsewhere',
            'DISABLED',
          ),
          SecurityGroups: ['${NetworkTask.GroupId}'],
          Subnets: because('Tasks reach out through NAT, in subnets that the internet does not reach', subnets(it, 'tasks')),
        },
      },
      HealthCheckGracePeriodSeconds: because(
        'A task that starts slowly is not replaced before it is ready',
        rule('from 60 to 300', (value) => value >= 60 && value <= 300),
      ),
      EnableExecuteCommand: true,
      EnableECSManagedTags: true,
      PropagateTags: 'TASK_DEFINITION',
    },
  };
}

function standIn({ name }: Unit): Shape {
  const entry = (text: unknown) =>
    typeof text === 'string' &&
    text.includes(`request.url.startsWith('/health')`) &&
    text.includes('writeHead(well ? 200 : 404') &&
    text.includes('.listen(3000)') &&
    text.includes(`process.on('SIGTERM', () => process.exit(0))`);
  return {
    file: FILE,
    type: 'AWS::ECS::TaskDefinition',
    why: 'The stand-in is healthy where the app will be, so that the service is steady before the first release',
    properties: {
      Family: `${name}-bootstrap`,
      RequiresCompatibilities: ['FARGATE'],
      NetworkMode: because('Fargate has no other', 'awsvpc'),
      Cpu: '256',
      Memory: because('What Fargate has with 256 CPU units: 512, 1024 or 2048', '512'),
      RuntimePlatform: {
        CpuArchitecture: because('As the app, so that the subnets have room for it', 'ARM64'),
        OperatingSystemFamily: 'LINUX',
      },
      ExecutionRoleArn: '${RolesExecution.Arn}',
      ContainerDefinitions: [
        {
          Name: because('CodeDeploy registers the container of this name', 'app'),
          Image: because(
            'A registry that does not count anonymous pulls, and the Node of the app',
            rule('public.ecr.aws/docker/library/node:24-…', (value) =>
              /^public\.ecr\.aws\/docker\/library\/node:24-[\w-]+-slim$/.test(value),
            ),
          ),
          Essential: true,
          EntryPoint: ['node', '-e', rule('a server that is healthy at /health, answers 404, and ends at SIGTERM', entry)],
          User: 'node',
          ReadonlyRootFilesystem: true,
          PortMappings: [{ ContainerPort: 3000, Protocol: 'tcp' }],
          LinuxParameters: { InitProcessEnabled: true, Capabilities: { Drop: ['ALL'] } },
          LogConfiguration: {
            LogDriver: 'awslogs',
            Options: {
              'awslogs-group': rule("the app's log group", (value) => isLog(value, name, 'App')),
              'awslogs-region': '${Region}',
              'awslogs-stream-prefix': 'stand-in',
            },
          },
        },
      ],
    },
  };
}

const SCALING = 'lib/scaling.ts';
const COOLDOWNS = {
  ScaleOutCooldown: because('A minute: a task that was added takes as long to be of use', 60),
  ScaleInCooldown: because('Slower than out, or the number swings', 300),
};

function scaling(it: Unit): Shapes {
  const { size, environment, name } = it;
  const ofService = [
    { Name: 'ClusterName', Value: name },
    { Name: 'ServiceName', Value: name },
  ];
  const tasks = query('tasks', 'ECS/ContainerInsights', 'RunningTaskCount', 'Average', ofService);
  const requests = (colour: string) =>
    query(colour.toLowerCase(), 'AWS/ApplicationELB', 'RequestCount', 'Sum', [
      { Name: 'TargetGroup', Value: `\${Traffic${colour}.TargetGroupFullName}` },
      { Name: 'LoadBalancer', Value: '${TrafficLoadBalancer.LoadBalancerFullName}' },
    ]);
  const waiting = query('waiting', 'AWS/SQS', 'ApproximateNumberOfMessagesVisible', 'Maximum', [
    { Name: 'QueueName', Value: '${QueuesMain.QueueName}' },
  ]);
  const divisor = 'IF(FILL(tasks, 0) > 0, tasks, 1)';
  return {
    ScalingTasks: {
      file: SCALING,
      type: 'AWS::ApplicationAutoScaling::ScalableTarget',
      why: 'It is the one number of the service that changes by itself',
      properties: {
        ServiceNamespace: 'ecs',
        ScalableDimension: 'ecs:service:DesiredCount',
        ResourceId: because('The cluster and the service, by name', `service/${name}/${name}`),
        RoleARN: because(
          'Application Auto Scaling takes no other role for ECS; one that is named beside it can do nothing',
          `arn:\${Partition}:iam::\${AccountId}:role/aws-service-role/ecs.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_ECSService`,
        ),
        MinCapacity: because(
          'Two tasks at least: one is lost with its zone',
          rule(`${size.tasks.min}, at least 2`, (v) => v === size.tasks.min && v >= 2),
        ),
        MaxCapacity: rule(`${size.tasks.max}, above the least`, (value) => value === size.tasks.max && value > size.tasks.min),
      },
    },
    ScalingRequestsPerTask: tracking(it, 'RequestsPerTask', size.scaling.requestsPerTask, [
      requests('Blue'),
      requests('Green'),
      tasks,
      result(`(FILL(blue, 0) + FILL(green, 0)) / ${divisor}`),
    ]),
    ScalingBacklogPerTask: tracking(it, 'BacklogPerTask', size.scaling.backlogPerTask, [
      waiting,
      tasks,
      result(`FILL(waiting, 0) / ${divisor}`),
    ]),
    ScalingTasksMemory: memoryTarget(it),
    ...(environment.cpuScaling === 'target' ? { ScalingTasksCpu: cpuTarget(it) } : cpuSteps()),
  };
}

function query(Id: string, Namespace: string, MetricName: string, Stat: string, Dimensions: unknown): unknown {
  return { Id, ReturnData: false, MetricStat: { Stat, Metric: { Namespace, MetricName, Dimensions } } };
}

const result = (Expression: string) => ({ Id: 'result', Expression, ReturnData: because('Exactly one number is tracked', true) });

function tracking({ name }: Unit, id: string, TargetValue: number, Metrics: unknown[]): Shape {
  return {
    file: SCALING,
    type: 'AWS::ApplicationAutoScaling::ScalingPolicy',
    why: 'Both colours count, over the running tasks: which one has the traffic alternates',
    properties: {
      PolicyName: `${name}-${id}`,
      PolicyType: 'TargetTrackingScaling',
      ScalingTargetId: '${ScalingTasks}',
      TargetTrackingScalingPolicyConfiguration: {
        TargetValue: rule(
          `${TargetValue}, from 100 to 100000`,
          (value) => value === TargetValue && value >= 100 && value <= 100_000,
        ),
        ...COOLDOWNS,
        CustomizedMetricSpecification: { Metrics },
      },
    },
  };
}

function cpuTarget({ size }: Unit): Shape {
  const { cpuPercent } = size.scaling;
  return {
    file: SCALING,
    type: 'AWS::ApplicationAutoScaling::ScalingPolicy',
    why: 'One busy core of Node is all that a task has',
    properties: {
      PolicyName: GIVEN,
      PolicyType: 'TargetTrackingScaling',
      ScalingTargetId: '${ScalingTasks}',
      TargetTrackingScalingPolicyConfiguration: {
        TargetValue: rule(`${cpuPercent}, from 40 to 80 per cent`, (value) => value === cpuPercent && value >= 40 && value <= 80),
        ...COOLDOWNS,
        PredefinedMetricSpecification: { PredefinedMetricType: 'ECSServiceAverageCPUUtilization' },
      },
    },
  };
}

function memoryTarget({ size }: Unit): Shape {
  const { memoryPercent } = size.scaling;
  return {
    file: SCALING,
    type: 'AWS::ApplicationAutoScaling::ScalingPolicy',
    why: 'Node gives memory back late: this only ever adds tasks, or it would keep tasks that nothing else needs',
    properties: {
      PolicyName: GIVEN,
      PolicyType: 'TargetTrackingScaling',
      ScalingTargetId: '${ScalingTasks}',
      TargetTrackingScalingPolicyConfiguration: {
        TargetValue: rule(
          `${memoryPercent}, from 60 to 85 per cent`,
          (value) => value === memoryPercent && value >= 60 && value <= 85,
        ),
        DisableScaleIn: true,
        ScaleOutCooldown: COOLDOWNS.ScaleOutCooldown,
        PredefinedMetricSpecification: { PredefinedMetricType: 'ECSServiceAverageMemoryUtilization' },
      },
    },
  };
}

/** A name that the CDK makes up. */
const GIVEN = rule('a name', (value) => typeof value === 'string');

function cpuSteps(): Shapes {
  const policy = (Cooldown: number, StepAdjustments: object[]): Shape => ({
    file: SCALING,
    type: 'AWS::ApplicationAutoScaling::ScalingPolicy',
    why: 'Above 80 % one task more and above 95 % two, below 30 % one fewer and below 5 % two',
    properties: {
      PolicyName: GIVEN,
      PolicyType: 'StepScaling',
      ScalingTargetId: '${ScalingTasks}',
      StepScalingPolicyConfiguration: {
        AdjustmentType: 'ChangeInCapacity',
        Cooldown,
        MetricAggregationType: 'Average',
        StepAdjustments,
      },
    },
  });
  return {
    ScalingTasksCpuHighUpperPolicy: policy(60, [
      { MetricIntervalLowerBound: 0, MetricIntervalUpperBound: 15, ScalingAdjustment: 1 },
      { MetricIntervalLowerBound: 15, ScalingAdjustment: 2 },
    ]),
    ScalingTasksCpuLowLowerPolicy: policy(300, [
      { MetricIntervalLowerBound: -25, MetricIntervalUpperBound: 0, ScalingAdjustment: -1 },
      { MetricIntervalUpperBound: -25, ScalingAdjustment: -2 },
    ]),
  };
}
