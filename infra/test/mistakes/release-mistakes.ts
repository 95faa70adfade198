import { change, mistake, remove, removeAll, rewrite, set, type Mistake } from './mistake.ts';

const group = (path: string, value: unknown) => set('ReleaseGroup', path, value);
const alarms = (how: (list: { Name: unknown }[]) => unknown) =>
  change('ReleaseGroup', ({ Properties }) => how(Properties.AlarmConfiguration.Alarms));
const HOOK = 'ReleaseAfterAllowTestTrafficFunction';
const WATCHER = 'ReleaseCrashLoopWatcherFunction';
const pair = 'LoadBalancerInfo.TargetGroupPairInfoList.0';

export const RELEASE_MISTAKES: Mistake[] = [
  mistake(
    'alarms that can not be read are none',
    group('AlarmConfiguration.IgnorePollAlarmFailure', true),
    'a release without alarms',
  ),
  mistake('alarms are off', group('AlarmConfiguration.Enabled', false), 'AlarmConfiguration.Enabled: it is false'),
  mistake(
    'an alarm of the group is missing',
    alarms((list) => list.pop()),
    'AlarmConfiguration.Alarms: it is',
  ),
  mistake(
    'blue only',
    alarms((list) => list.splice(3)),
    'since which one is new alternates',
  ),
  mistake(
    'an alarm about the service stops releases',
    alarms((list) => list.push({ Name: 'posthorn-cpu' })),
    'one of them may be what the release mends',
  ),
  mistake(
    'an alarm twice',
    alarms((list) => (list[1] = list[0]!)),
    'AlarmConfiguration.Alarms[1].Name',
  ),
  mistake(
    'no rollback at an alarm',
    group('AutoRollbackConfiguration.Events', ['DEPLOYMENT_FAILURE']),
    'gives the traffic back by itself',
  ),
  mistake('no rollback', group('AutoRollbackConfiguration.Enabled', false), 'AutoRollbackConfiguration.Enabled: it is false'),
  mistake(
    'blue goes at once',
    group('BlueGreenDeploymentConfiguration.TerminateBlueInstancesOnDeploymentSuccess.TerminationWaitTimeInMinutes', 0),
    'make it 15',
  ),
  mistake(
    'blue stays for ever',
    group('BlueGreenDeploymentConfiguration.TerminateBlueInstancesOnDeploymentSuccess.Action', 'KEEP_ALIVE'),
    'costing for good',
  ),
  mistake(
    'it waits for somebody',
    group('BlueGreenDeploymentConfiguration.DeploymentReadyOption.ActionOnTimeout', 'STOP_DEPLOYMENT'),
    'Nobody is there to click',
  ),
  mistake(
    'all at once',
    group('DeploymentConfigName', 'CodeDeployDefault.ECSAllAtOnce'),
    'make it "CodeDeployDefault.ECSCanary10Percent5Minutes"',
  ),
  mistake(
    'the listeners are swapped',
    change('ReleaseGroup', ({ Properties }) => {
      const routes = Properties.LoadBalancerInfo.TargetGroupPairInfoList[0];
      [routes.ProdTrafficRoute, routes.TestTrafficRoute] = [routes.TestTrafficRoute, routes.ProdTrafficRoute];
    }),
    'Callers come by this listener',
  ),
  mistake('no test listener', group(`${pair}.TestTrafficRoute`, undefined), 'The first hook asks green here'),
  mistake('one target group twice', rewrite('ReleaseGroup', 'TrafficGreen', 'TrafficBlue'), 'TargetGroups[1].Name'),
  mistake('in place', group('DeploymentStyle.DeploymentType', 'IN_PLACE'), 'make it "BLUE_GREEN"'),
  mistake('an application for servers', set('ReleaseApplication', 'ComputePlatform', 'Server'), 'make it "ECS"'),
  mistake(
    'the group is made before its policy',
    change('ReleaseGroup', (it) => (it.DependsOn = it.DependsOn!.filter((id) => !id.startsWith('ReleaseRolePolicy')))),
    'make it depend on ReleaseRolePolicy',
  ),

  mistake(
    'a hook without its prefix',
    rewrite(HOOK, 'CodeDeployHook_', ''),
    'make it "CodeDeployHook_posthorn-after-test-traffic"',
  ),
  mistake('a hook that asks the production listener', rewrite(HOOK, ':8080', ':80'), 'The listener of this moment'),
  mistake('a time-out below the check', set(HOOK, 'Timeout', 60), 'the time of the check and of its call to CodeDeploy is 120'),
  mistake('a time-out that Lambda does not have', set(HOOK, 'Timeout', 3600), 'and what Lambda and CodeDeploy allow is 900'),
  mistake('a file that is not there', set(HOOK, 'Handler', 'check-release.handler'), 'make it "release-check.handler"'),
  mistake('an old Node', set(HOOK, 'Runtime', 'nodejs18.x'), 'make it "nodejs24.x"'),
  mistake('a hook outside of the VPC', set(HOOK, 'VpcConfig', undefined), 'lets in only what comes from our NAT gateways'),
  mistake('a hook in subnets without NAT', rewrite(HOOK, 'tasksSubnet1', 'dataSubnet1'), 'subnets without NAT reach nothing'),
  mistake('a hook with the wrong secret', rewrite(HOOK, 'SecretsReceiverKey', 'SecretsJwtSecret'), 'RECEIVER_KEY_ARN'),
  mistake('a secret as a plain value', set('ReleaseReceiverFunction', 'Environment.Variables.KEY', 'k'), 'remove KEY ("k")'),
  mistake('128 MB', set(WATCHER, 'MemorySize', 128), 'a tenth of a core'),
  mistake(
    'the first crash stops a release',
    set(WATCHER, 'Environment.Variables.CRASH_LIMIT', '0'),
    'CRASH_LIMIT: it is "0": make it from "2" to "5"',
  ),
  mistake(
    'a receiver that asks for credentials',
    set('ReleaseReceiverFunctionFunctionUrl', 'AuthType', 'AWS_IAM'),
    'make it "NONE"',
  ),
  mistake(
    'a receiver that nobody may call',
    remove('ReleaseReceiverFunctioninvokefunctionurl'),
    'Webhooks come without credentials',
  ),
  mistake(
    'the watcher may not be called',
    removeAll('ReleaseTaskStoppedAllowEventRule'),
    'Without it EventBridge may not call the function',
  ),
  mistake(
    'the cluster by its name',
    set('ReleaseTaskStopped', 'EventPattern.detail.clusterArn', ['posthorn']),
    'Events have the ARN of the cluster',
  ),
  mistake('another group', set('ReleaseTaskStopped', 'EventPattern.detail.group', ['posthorn']), 'make it "service:posthorn"'),
  mistake('another status', set('ReleaseTaskStopped', 'EventPattern.detail.lastStatus', ['DEPROVISIONING']), 'make it "STOPPED"'),
  mistake(
    'a key of the pattern that is none',
    set('ReleaseTaskStopped', 'EventPattern.detail.desired', ['STOPPED']),
    'remove desired',
  ),
  mistake('a rule that is off', set('ReleaseTaskStopped', 'State', 'DISABLED'), 'make it "ENABLED"'),
  mistake(
    'events that are dropped at once',
    set('ReleaseTaskStopped', 'Targets.0.RetryPolicy.MaximumEventAgeInSeconds', 10),
    'EventBridge takes no less',
  ),
  mistake(
    'a rule about successes',
    set('NotificationsDeploymentFailed', 'EventPattern.detail.state', ['SUCCESS']),
    'EventPattern.detail.state',
  ),
  mistake(
    'states that do not exist',
    set('PipelineNotificationsPipelineFailed', 'EventPattern.detail.state', ['Failed']),
    'make it "FAILED"',
  ),
  mistake(
    'alarms may not publish',
    rewrite('NotificationsTopicPolicy', 'cloudwatch.amazonaws.com', 'events.amazonaws.com'),
    'NotificationsTopicPolicy',
  ),
  mistake(
    'a key that CloudWatch may not use',
    set('NotificationsTopic', 'KmsMasterKeyId', 'alias/aws/sns'),
    'can not publish to a topic that a key of Amazon encrypts',
  ),
  mistake(
    'synthetic traffic of one colour',
    rewrite('SyntheticTrafficSenderFunction', 'TrafficGreen', 'TrafficBlue'),
    'Requests of others are those of both colours',
  ),
  mistake(
    'synthetic traffic each five minutes',
    set('SyntheticTrafficEveryMinute', 'ScheduleExpression', 'rate(5 minutes)'),
    'make it "rate(1 minute)"',
  ),
];

const stage = (at: number) => `Stages.${at}`;
const action = (at: number, nth: number, property: string) => `${stage(at)}.Actions.${nth}.${property}`;
const pipeline = (path: string, value: unknown) => set('Pipeline', path, value);
const [SOURCE, BUILD, APPROVE, ENVIRONMENT] = [0, 1, 2, 3];

export const PIPELINE_MISTAKES: Mistake[] = [
  mistake('a release overtakes another', pipeline('ExecutionMode', 'SUPERSEDED'), 'would skip a release half way'),
  mistake('an old type', pipeline('PipelineType', 'V1'), 'make it "V2"'),
  mistake('it restarts when it is changed', pipeline('RestartExecutionOnUpdate', true), 'start over without end'),
  mistake('each branch is released', pipeline('Triggers.0.GitConfiguration.Push.0', {}), 'Push[0].Branches: it is not there'),
  mistake('a trigger of another action', pipeline('Triggers.0.GitConfiguration.SourceActionName', 'GitHub'), 'make it "Source"'),
  mistake(
    'no push starts it',
    pipeline(action(SOURCE, 0, 'Configuration.DetectChanges'), false),
    'Without it no push starts a release',
  ),
  mistake(
    'the whole history',
    pipeline(action(SOURCE, 0, 'Configuration.OutputArtifactFormat'), 'CODEBUILD_CLONE_REF'),
    'make it "CODE_ZIP"',
  ),
  mistake(
    'the source is handed on',
    pipeline(action(ENVIRONMENT, 1, 'InputArtifacts.0.Name'), 'SourceArtifact'),
    'make it "SpecArtifact"',
  ),
  mistake(
    'an artifact that nobody makes',
    pipeline(action(BUILD, 0, 'OutputArtifacts.1.Name'), 'Image'),
    'make it "ImageArtifact"',
  ),
  mistake(
    'the wrong primary source',
    pipeline(action(ENVIRONMENT, 1, 'Configuration.PrimarySource'), 'ImageArtifact'),
    'in the folder of the primary source',
  ),
  mistake(
    'files that are not filled in',
    pipeline(action(ENVIRONMENT, 2, 'Configuration.TaskDefinitionTemplateArtifact'), 'SpecArtifact'),
    'The filled-in files are in the artifact of the migration',
  ),
  mistake(
    'brackets around the placeholder',
    pipeline(action(ENVIRONMENT, 2, 'Configuration.Image1ContainerName'), '<IMAGE1_NAME>'),
    'without its brackets',
  ),
  mistake(
    'another file',
    pipeline(action(ENVIRONMENT, 2, 'Configuration.AppSpecTemplatePath'), 'appspec.yml'),
    'make it "appspec.yaml"',
  ),
  mistake(
    'the deployment beside the migration',
    pipeline(action(ENVIRONMENT, 2, 'RunOrder'), 2),
    'Stacks first, then the migration',
  ),
  mistake(
    'the deployment of servers',
    pipeline(action(ENVIRONMENT, 2, 'ActionTypeId.Provider'), 'CodeDeploy'),
    'make it "CodeDeployToECS"',
  ),
  mistake(
    'as the pipeline itself',
    pipeline(action(ENVIRONMENT, 2, 'RoleArn'), undefined),
    "the pipeline acts as the environment's own role",
  ),
  mistake(
    'an approval of which nobody hears',
    pipeline(action(APPROVE, 0, 'Configuration.NotificationArn'), undefined),
    'fails after a week',
  ),
  mistake(
    'an approval of nothing',
    pipeline(`${stage(APPROVE)}.BeforeEntry.Conditions.0.Rules.0.Configuration.Operator`, 'EQ'),
    'make it "NE"',
  ),
  mistake(
    'it fails when nothing changed',
    pipeline(`${stage(APPROVE)}.BeforeEntry.Conditions.0.Result`, 'FAIL'),
    'Nothing to approve is no failure',
  ),
  mistake('variables that nobody reads', pipeline(action(BUILD, 1, 'Namespace'), 'Build'), 'Later stages read its variables'),
  mistake(
    'a stack that nobody deploys',
    rewrite('Pipeline', 'posthorn-data posthorn-service', 'posthorn-service'),
    'posthorn-data posthorn-service',
  ),
  mistake(
    'approval before the build',
    change('Pipeline', ({ Properties }) => Properties.Stages.splice(1, 0, ...Properties.Stages.splice(APPROVE, 1))),
    'Stages[1].Name',
  ),

  mistake('no Docker', set('BuildsBuildProject', 'Environment.PrivilegedMode', false), 'Docker needs it'),
  mistake(
    'Docker for everybody',
    set('BuildsInfrastructureProject', 'Environment.PrivilegedMode', true),
    'what runs no containers must not have it',
  ),
  mistake(
    'a build for another processor',
    set('BuildsBuildProject', 'Environment.Type', 'LINUX_CONTAINER'),
    'make it "ARM_CONTAINER"',
  ),
  mistake(
    'an image for another processor',
    set('BuildsBuildProject', 'Environment.Image', 'aws/codebuild/amazonlinux-x86_64-standard:5.0'),
    'exec format error',
  ),
  mistake(
    'a migration that is cut off',
    set('DeploymentMigrateProject', 'TimeoutInMinutes', 15),
    'MIGRATION_LIMIT_MINUTES is 60 and the time-out of the build is 15',
  ),
  mistake(
    'a variable that is gone',
    change('DeploymentMigrateProject', ({ Properties }) => Properties.Environment.EnvironmentVariables.splice(5, 1)),
    'EnvironmentVariables: it is',
  ),
  mistake(
    'the app is the role that starts it',
    rewrite('DeploymentMigrateProject', 'RolesTask3', 'RolesExecution3'),
    'must not read every secret',
  ),
  mistake(
    'the queue twice',
    rewrite('DeploymentMigrateProject', 'QueuesDeadLetter', 'QueuesMain'),
    'EnvironmentVariables[7].Value',
  ),
  mistake(
    'the migration with a public address',
    rewrite('DeploymentMigrateProject', 'DISABLED', 'ENABLED'),
    'A migration runs where the tasks do',
  ),
  mistake(
    'another prefix of the log',
    rewrite('DeploymentMigrateProject', '"Value":"ecs"', '"Value":"app"'),
    'or the log of the migration is not found',
  ),
  mistake(
    'what is shown is not what is deployed',
    rewrite('BuildsInfrastructureProject', ' --app dist/cdk.out', ''),
    'It deploys what was shown',
  ),
  mistake(
    'somebody has to say yes',
    rewrite('BuildsInfrastructureProject', '--require-approval never ', ''),
    'nobody is there to answer',
  ),
  mistake(
    'a diff that fails goes on',
    rewrite('BuildsPlanProject', 'PIPESTATUS[0]', 'PIPESTATUS[1]'),
    'Without pipefail only PIPESTATUS says',
  ),
  mistake(
    'an old Node builds',
    rewrite('BuildsPlanProject', 'nodejs: 24', 'nodejs: 22'),
    'BuildsPlanProject (AWS::CodeBuild::Project)',
  ),
  mistake(
    'the build is made before its policy',
    change('BuildsBuildProject', (it) => delete it.DependsOn),
    'make it depend on BuildsBuildPolicy',
  ),
];

/** With staging before production. */
export const STAGED_MISTAKES: Mistake[] = [
  mistake(
    'production before staging',
    change('Pipeline', ({ Properties }) => Properties.Stages.splice(3, 0, ...Properties.Stages.splice(5, 1))),
    'Stages[3].Name: it is "posthorn"',
  ),
  mistake(
    'production without an approval',
    change('Pipeline', ({ Properties }) => Properties.Stages.splice(4, 1)),
    'Stages: it is',
  ),
  mistake(
    'no tests after staging',
    change('Pipeline', ({ Properties }) => Properties.Stages[3].Actions.pop()),
    'Actions: it is',
  ),
  mistake(
    'a secret in the console',
    rewrite('DeploymentVerifyProject', 'SECRETS_MANAGER', 'PLAINTEXT'),
    'readable in the console',
  ),
  mistake('tests outside of the VPC', set('DeploymentVerifyProject', 'VpcConfig', undefined), 'VpcConfig: it is not there'),
  mistake('tests of the test listener', rewrite('DeploymentVerifyProject', ':80', ':8080'), 'EnvironmentVariables[0].Value'),
];
