import { describe, expect, it } from '@jest/globals';
import { DEFAULT_NAME, HOOK_PREFIX, namesOf } from '../lib/settings.ts';
import { EVERYTHING, only, resourcesOf, templateOf, textOf } from './support/synth.ts';

const { hooks } = namesOf(DEFAULT_NAME);
const group = (context = {}) => only(templateOf(context), 'AWS::CodeDeploy::DeploymentGroup').Properties;
const functionNamed = (name: string) => only(templateOf(), 'AWS::Lambda::Function', ({ FunctionName }) => FunctionName === name);
/** The statements of all policies of roles whose logical id has this in it. */
const statementsOf = (role: string, context = {}): any[] =>
  Object.values(resourcesOf(templateOf(context), 'AWS::IAM::Policy'))
    .filter(({ Properties }) => textOf(Properties.Roles).includes(role))
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement);
const actionsOf = (role: string): string[] => statementsOf(role).flatMap(({ Action }) => Action);

describe('deployment group', () => {
  it('shifts a tenth for five minutes, rolls back on failure, alarm and stop, and keeps blue a while', () => {
    expect(group()).toMatchObject({
      DeploymentConfigName: 'CodeDeployDefault.ECSCanary10Percent5Minutes',
      DeploymentStyle: { DeploymentType: 'BLUE_GREEN', DeploymentOption: 'WITH_TRAFFIC_CONTROL' },
      AutoRollbackConfiguration: {
        Enabled: true,
        Events: ['DEPLOYMENT_FAILURE', 'DEPLOYMENT_STOP_ON_ALARM', 'DEPLOYMENT_STOP_ON_REQUEST'],
      },
      BlueGreenDeploymentConfiguration: {
        DeploymentReadyOption: { ActionOnTimeout: 'CONTINUE_DEPLOYMENT', WaitTimeInMinutes: 0 },
        TerminateBlueInstancesOnDeploymentSuccess: { Action: 'TERMINATE', TerminationWaitTimeInMinutes: 15 },
      },
    });
  });

  it('can shift otherwise', () => {
    const other = { deploymentConfig: 'CodeDeployDefault.ECSLinear10PercentEvery1Minutes', terminationWaitMinutes: '60' };
    expect(group(other).DeploymentConfigName).toBe(other.deploymentConfig);
    expect(textOf(group(other).BlueGreenDeploymentConfiguration)).toContain('60');
  });

  it('knows both listeners and both target groups', () => {
    const [pair] = group().LoadBalancerInfo.TargetGroupPairInfoList;
    expect(textOf(pair.ProdTrafficRoute)).toContain('TrafficProductionListener');
    expect(textOf(pair.TestTrafficRoute)).toContain('TrafficTestListener');
    expect(textOf(pair.TargetGroups)).toMatch(/TrafficBlue.*TrafficGreen/);
  });

  it("waits for its role's policy, since CodeDeploy looks at the service with it at once", () => {
    expect(only(templateOf(), 'AWS::CodeDeploy::DeploymentGroup').DependsOn!.join()).toContain('ReleaseRolePolicy');
  });

  it('watches alarms on both target groups, no more than CodeDeploy takes', () => {
    const { Alarms } = group().AlarmConfiguration;
    expect(Alarms).toHaveLength(6);
    const names = textOf(Alarms);
    for (const colour of ['blue', 'green'])
      for (const what of ['unhealthy', '5xx', 'latency']) expect(names).toContain(`release${colour}${what}`);
  });
});

describe('hooks', () => {
  it.each(Object.entries(hooks))('%s calls a function with the prefix, which may tell CodeDeploy the verdict', (event, name) => {
    expect(name.startsWith(HOOK_PREFIX)).toBe(true);
    const { Properties } = functionNamed(name);
    expect(Properties).toMatchObject({ Runtime: 'nodejs24.x', Handler: 'release-check.handler', Timeout: 180 });
    expect(Properties.VpcConfig.SubnetIds).toHaveLength(3);
    expect(Properties.Environment.Variables.CHECK_NAME).toBe(event);
    const allowed = statementsOf(`Release${event}Role`);
    const ofCodeDeploy = allowed.flatMap(({ Action }) => Action).filter((action) => action.startsWith('codedeploy:'));
    expect(ofCodeDeploy).toEqual(['codedeploy:PutLifecycleEventHookExecutionStatus']);
  });

  it('ask the test listener before the shift and the production listener after it', () => {
    const urlOf = (name: string) => textOf(functionNamed(name).Properties.Environment.Variables.API_URL);
    expect(urlOf(hooks.AfterAllowTestTraffic)).toMatch(/:8080"/);
    expect(urlOf(hooks.AfterAllowTraffic)).toMatch(/:80"/);
    const secured = only(
      templateOf(EVERYTHING),
      'AWS::Lambda::Function',
      ({ FunctionName }) => FunctionName === hooks.AfterAllowTestTraffic,
    );
    expect(secured.Properties.Environment.Variables.API_URL).toBe('https://hooks.example.com:8443');
  });

  it('have a receiver on a public URL that knows nothing but its key', () => {
    expect(only(templateOf(), 'AWS::Lambda::Url').Properties.AuthType).toBe('NONE');
    expect(actionsOf('ReleaseReceiverRole').sort()).toEqual([
      'logs:CreateLogStream',
      'logs:PutLogEvents',
      'secretsmanager:GetSecretValue',
    ]);
    expect(textOf(statementsOf('ReleaseReceiverRole'))).not.toContain('JwtSecret');
  });
});

describe('crash-loop watcher', () => {
  it('hears of each stopped task of the service', () => {
    const rule = only(templateOf(), 'AWS::Events::Rule', ({ EventPattern }) => EventPattern?.source[0] === 'aws.ecs');
    expect(rule.Properties.EventPattern).toMatchObject({
      'detail-type': ['ECS Task State Change'],
      detail: { group: ['service:posthorn'], lastStatus: ['STOPPED'] },
    });
    expect(textOf(rule.Properties.Targets)).toContain('CrashLoopWatcher');
  });

  it('lists the deployments of our group only, and may stop them: which takes no resource', () => {
    const [list, stop] = statementsOf('CrashLoopWatcherRole').filter(({ Action }) => textOf(Action).includes('codedeploy'));
    expect(list.Action).toBe('codedeploy:ListDeployments');
    expect(textOf(list.Resource)).toContain('deploymentgroup:posthorn/posthorn');
    expect([stop.Action, stop.Resource]).toEqual(['codedeploy:StopDeployment', '*']);
  });
});

describe('roles', () => {
  it.each(['RolesExecution', 'ReleaseRole', 'DeploymentMigrateRole', 'PipelineRole', 'BuildsBuildRole', 'RolesTask'])(
    '%s may do no whole service',
    (role) => {
      const actions = actionsOf(role);
      expect(actions.length).toBeGreaterThan(3);
      for (const action of actions) expect(action).not.toContain('*');
    },
  );

  it.each([
    ['ReleaseRole', ['RolesExecution', 'RolesTask']],
    ['DeploymentRole', ['RolesExecution', 'RolesTask']],
    ['DeploymentMigrateRole', ['RolesMigration']],
  ])('%s may pass to ECS what it starts tasks with, and no other: %j', (role, passed) => {
    const passes = statementsOf(role).filter(({ Action }) => Action === 'iam:PassRole');
    expect(passes).toHaveLength(1);
    expect(passes[0].Condition).toEqual({ StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } });
    const roles = [passes[0].Resource].flat().map((arn) => /"(Roles(?:Execution|Task|Migration))/.exec(textOf(arn))?.[1]);
    expect(roles).toEqual(passed);
  });

  const secretsOf = (role: string, context = {}): string[] => {
    const [secrets] = statementsOf(role, context).filter(({ Action }) => Action === 'secretsmanager:GetSecretValue');
    return secrets.Resource.map((arn: unknown) => /:secret:posthorn\/([^"]+)-\?{6}"/.exec(textOf(arn))![1]);
  };
  const ofApp = ['database-url', 'encryption-key', 'jwt-key', 'redis-url'];

  it('execution reads the secrets of the app, the migration those of its users too, and the app itself none', () => {
    expect(secretsOf('RolesExecution').sort()).toEqual(ofApp);
    const ofMigration = ['database-url-admin', 'database-direct-url', 'database-url-migration'];
    expect(secretsOf('RolesMigration').sort()).toEqual([...ofMigration, ...ofApp].sort());
    expect(textOf(statementsOf('RolesTask'))).not.toContain('secretsmanager');
  });

  it('name no secret that is not there', () => {
    const secrets = Object.values(resourcesOf(templateOf(EVERYTHING), 'AWS::SecretsManager::Secret'));
    const there = secrets.map(({ Properties }) => Properties.Name.replace('posthorn/', ''));
    expect(there).toEqual(
      expect.arrayContaining([...secretsOf('RolesExecution', EVERYTHING), ...secretsOf('RolesMigration', EVERYTHING)]),
    );
  });
});
