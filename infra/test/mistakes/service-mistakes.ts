import { addBeside, change, mistake, remove, rewrite, set, type Mistake } from './mistake.ts';

const service = (path: string, value: unknown) => set('Service', path, value);
const alarm = (id: string, property: string, value: unknown) => set(id, property, value);
const UNHEALTHY = 'ReleaseAlarmsreleaseblueunhealthy';
const LATENCY = 'ReleaseAlarmsreleasegreenlatency';

export const SERVICE_MISTAKES: Mistake[] = [
  mistake('ECS deploys it itself', service('DeploymentController.Type', 'ECS'), 'make it "CODE_DEPLOY"'),
  mistake(
    'tasks have public addresses',
    service('NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp', 'ENABLED'),
    'make it "DISABLED"',
  ),
  mistake('tasks in public subnets', rewrite('Service', 'tasksSubnet1', 'publicSubnet1'), 'Subnets'),
  mistake(
    'a revision of the task definition',
    service('TaskDefinition', { Ref: 'ServiceStandIn' }),
    'each release is a new revision',
  ),
  mistake('a number of tasks that a size decides', service('DesiredCount', 4), 'DesiredCount: it is 4: make it 2'),
  mistake(
    'a setting that means nothing under CodeDeploy',
    service('DeploymentConfiguration', { MinimumHealthyPercent: 50, DeploymentCircuitBreaker: { Enable: true, Rollback: true } }),
    'remove DeploymentConfiguration',
  ),
  mistake('an old platform', service('PlatformVersion', '1.3.0'), 'make it "LATEST"'),
  mistake('EC2', service('LaunchType', 'EC2'), 'make it "FARGATE"'),
  mistake('another container', service('LoadBalancers.0.ContainerName', 'web'), 'make it "app"'),
  mistake('another port of the container', service('LoadBalancers.0.ContainerPort', 80), 'make it 3000'),
  mistake('no grace', service('HealthCheckGracePeriodSeconds', 0), "and the service's grace period is 0"),
  mistake('no shell in tasks', service('EnableExecuteCommand', false), 'EnableExecuteCommand: it is false'),
  mistake(
    'the stand-in for another processor',
    set('ServiceStandIn', 'RuntimePlatform.CpuArchitecture', 'X86_64'),
    'make it "ARM64"',
  ),
  mistake('the stand-in is root', set('ServiceStandIn', 'ContainerDefinitions.0.User', 'root'), 'make it "node"'),
  mistake('the stand-in answers 503', rewrite('ServiceStandIn', '404', '503'), 'a server that is healthy at /health'),
  mistake(
    'the stand-in from Docker Hub',
    set('ServiceStandIn', 'ContainerDefinitions.0.Image', 'node:24'),
    'does not count anonymous pulls',
  ),
  mistake('memory that Fargate does not have', set('ServiceStandIn', 'Memory', '3072'), 'What Fargate has with 256 CPU units'),
  mistake(
    'the execution role is that of the app',
    rewrite('ServiceStandIn', 'RolesExecution5', 'RolesTask5'),
    'ExecutionRoleArn',
  ),
  mistake('no Container Insights', set('ServiceCluster', 'ClusterSettings.0.Value', 'disabled'), 'counts the tasks for scaling'),
  mistake(
    'the service is made before its policies',
    change('Service', (it) => (it.DependsOn = it.DependsOn!.filter((id) => !id.startsWith('RolesTaskPolicy')))),
    'make it depend on RolesTaskPolicy',
  ),
  mistake(
    'the service is made before its listeners',
    change('Service', (it) => (it.DependsOn = it.DependsOn!.filter((id) => !id.startsWith('TrafficTestListener')))),
    'make it depend on TrafficTestListener',
  ),

  mistake('the least is above the most', set('ScalingTasks', 'MinCapacity', 5), 'MinCapacity: it is 5: make it 2, at least 2'),
  mistake('the most is the least', set('ScalingTasks', 'MaxCapacity', 2), 'above the least'),
  mistake(
    'another service is scaled',
    set('ScalingTasks', 'ResourceId', 'service/default/posthorn'),
    'make it "service/posthorn/posthorn"',
  ),
  mistake(
    'a target of nothing',
    set('ScalingRequestsPerTask', 'TargetTrackingScalingPolicyConfiguration.TargetValue', 0),
    'TargetValue: it is 0',
  ),
  mistake(
    'CPU at 600 %',
    set('ScalingTasksCpu', 'TargetTrackingScalingPolicyConfiguration.TargetValue', 600),
    'from 40 to 80 per cent',
  ),
  mistake(
    'no pause',
    set('ScalingTasksCpu', 'TargetTrackingScalingPolicyConfiguration.ScaleInCooldown', 0),
    'ScaleInCooldown: it is 0: make it 300',
  ),
  mistake('one colour only', rewrite('ScalingRequestsPerTask', 'TrafficGreen', 'TrafficBlue'), 'Both colours count'),
  mistake(
    'two numbers are tracked',
    rewrite('ScalingBacklogPerTask', '"ReturnData":false', '"ReturnData":true'),
    'ReturnData: it is true',
  ),
  mistake(
    'tasks go for memory, too',
    set('ScalingTasksMemory', 'TargetTrackingScalingPolicyConfiguration.DisableScaleIn', false),
    'DisableScaleIn',
  ),

  mistake(
    'an alarm lacks a dimension',
    change(UNHEALTHY, ({ Properties }) => Properties.Dimensions.pop()),
    'A metric has exactly these dimensions',
  ),
  mistake(
    'an alarm of the other colour',
    rewrite(UNHEALTHY, 'TrafficBlue', 'TrafficGreen'),
    `${UNHEALTHY} (AWS::CloudWatch::Alarm)`,
  ),
  mistake('another namespace', alarm(UNHEALTHY, 'Namespace', 'AWS/ELB'), 'make it "AWS/ApplicationELB"'),
  mistake('another statistic', alarm(UNHEALTHY, 'Statistic', 'Average'), 'make it "Maximum"'),
  mistake('a metric that does not exist', alarm(UNHEALTHY, 'MetricName', 'UnhealthyHostCount'), 'make it "UnHealthyHostCount"'),
  mistake(
    'it goes off when all is well',
    alarm('ServiceAlarmshealthyhosts', 'ComparisonOperator', 'GreaterThanThreshold'),
    'LessThanThreshold',
  ),
  mistake(
    'it looks each five minutes',
    alarm(UNHEALTHY, 'Period', 300),
    'its periods together, and one until the metric is there is 900',
  ),
  mistake(
    'it needs ten minutes',
    change(LATENCY, ({ Properties }) => (Properties.EvaluationPeriods = Properties.DatapointsToAlarm = 10)),
    'and the canary is 300',
  ),
  mistake('no data is a fault', alarm(LATENCY, 'TreatMissingData', 'breaching'), 'make it "notBreaching"'),
  mistake('no data is well', alarm('ServiceAlarmsrunningtasks', 'TreatMissingData', 'notBreaching'), 'make it "breaching"'),
  mistake('a percentile of one request', alarm(LATENCY, 'EvaluateLowSampleCountPercentile', undefined), 'about one of them'),
  mistake(
    'the average latency',
    change(LATENCY, ({ Properties }) => ((Properties.Statistic = 'Average'), delete Properties.ExtendedStatistic)),
    'ExtendedStatistic: it is not there',
  ),
  mistake('an alarm that tells nobody', alarm(UNHEALTHY, 'AlarmActions', []), 'Nobody hears of an alarm without an action'),
  mistake('nobody hears that it is over', alarm(UNHEALTHY, 'OKActions', undefined), 'OKActions: it is not there'),
  mistake('actions that are off', alarm('ServiceAlarmscpu', 'ActionsEnabled', false), 'remove ActionsEnabled (false)'),
  mistake('a threshold in MB', alarm('ServiceAlarmsdatabasestorage', 'Threshold', 5120), 'FreeStorageSpace is in bytes'),
  mistake(
    'a share of nothing',
    rewrite('ReleaseAlarmsreleaseblue5xx', '100 * errors', 'errors'),
    'ReleaseAlarmsreleaseblue5xx (AWS::CloudWatch::Alarm)',
  ),
  mistake(
    'the queue, not the dead letters',
    rewrite('ServiceAlarmsdeadletters', 'QueuesDeadLetter', 'QueuesMain'),
    'ServiceAlarmsdeadletters',
  ),
  mistake(
    'an alarm of the cache, without a node',
    rewrite('ServiceAlarmscachememory', '-001', ''),
    'make it [{"Name":"CacheClusterId","Value":"posthorn-001"}]',
  ),
  mistake(
    'an alarm that is gone',
    remove('ServiceAlarmsduelag'),
    'ServiceAlarmsduelag (AWS::CloudWatch::Alarm) of posthorn: make it again',
  ),
  mistake(
    'a graph without a dimension',
    rewrite('Dashboard', ',\\"ServiceName\\",\\"posthorn\\"', ''),
    'is empty without a word',
  ),
  mistake(
    'a graph of another statistic',
    rewrite('Dashboard', '\\"stat\\":\\"p95\\"', '\\"stat\\":\\"p50\\"'),
    'is empty without a word',
  ),
  mistake('a log that is kept for ever', set('LogsApp', 'RetentionInDays', undefined), 'it is not there: make it one of 1, 3, 5'),
  mistake('a number of days that is none', set('NetworkFlowLogGroup', 'RetentionInDays', 45), 'it is 45: make it one of 1, 3, 5'),
  mistake('a log of another name', set('LogsApp', 'LogGroupName', '/ecs/posthorn'), 'make it "/posthorn/app"'),
  mistake(
    'a log of the app that goes',
    change('LogsApp', (it) => (it.DeletionPolicy = 'Delete')),
    'RetainExceptOnCreate',
  ),
  mistake(
    'an output that is gone',
    ({ templates }) => delete templates['posthorn-service']!.Outputs!.Url,
    'outputs of posthorn-data + posthorn-service.Url',
  ),
  mistake(
    'data in the service stack',
    addBeside('Service', 'Uploads', { Type: 'AWS::S3::Bucket', Properties: {} }),
    'Uploads (AWS::S3::Bucket): remove it, or say',
  ),
  mistake(
    'a stack that can be deleted',
    ({ stacks }) => (stacks[0]!.terminationProtection = false),
    'terminationProtection: it is false',
  ),
  mistake(
    'the service before its data',
    ({ stacks }) => (stacks.find(({ name }) => name === 'posthorn-service')!.after = []),
    'lib/stacks.ts: posthorn-service.after',
  ),
];
