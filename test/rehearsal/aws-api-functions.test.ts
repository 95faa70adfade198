import { afterAll, afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { until } from '../support/until.js';
import { ALARM, CREDENTIALS, infraClient, SECRET, startApi, taskOf } from './aws-api-stage.js';
import { definitionOf } from './codedeploy-stage.js';

let stage: Awaited<ReturnType<typeof startApi>>;
const silent = () => new Promise<never>(() => undefined);
const before = { ...process.env };

beforeEach(async () => {
  jest.spyOn(console, 'log').mockImplementation(() => undefined);
  stage = await startApi({ hooks: { AfterAllowTestTraffic: 'check' } });
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: stage.url,
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
  });
});
afterEach(() => stage.api.stop());
afterAll(() => {
  process.env = before;
  jest.restoreAllMocks();
});

/** Starts a deployment that stands in its hook. */
async function inHook(): Promise<{ id: string; executionId: string }> {
  stage.functions.ways.check = silent;
  const id = stage.deployments.start(definitionOf(2));
  await until(() => stage.functions.invoked.length === 1, 5_000, 'the hook');
  return { id, executionId: stage.functions.invoked[0]!.event.LifecycleEventHookExecutionId };
}

async function stop(id: string): Promise<void> {
  stage.deployments.stop(id);
  await stage.deployments.finished(id);
}

describe("CodeDeploy's API", () => {
  const ask = async (name: string, input: object) => {
    const sdk = infraClient('codedeploy');
    const client = new sdk.CodeDeployClient({ ...stage.config });
    try {
      return await client.send(new sdk[`${name}Command`](input));
    } finally {
      client.destroy();
    }
  };
  const group = { applicationName: 'posthorn', deploymentGroupName: 'posthorn' };

  it('creates a deployment from an AppSpec, as a pipeline does', async () => {
    const content = JSON.stringify({
      version: 0,
      Resources: [{ TargetService: { Type: 'AWS::ECS::Service', Properties: { TaskDefinition: definitionOf(2).arn } } }],
    });
    const revision = { revisionType: 'AppSpecContent', appSpecContent: { content } };
    stage.functions.ways.check = silent;
    const { deploymentId } = await ask('CreateDeployment', { ...group, revision });
    await expect(ask('CreateDeployment', { ...group, revision })).rejects.toMatchObject({
      name: 'DeploymentLimitExceededException',
    });
    expect(stage.deployments.get(deploymentId).taskDefinition).toBe(definitionOf(2).arn);
    await stop(deploymentId);
  });

  it('describes a deployment and its rollback', async () => {
    const { id } = await inHook();
    expect((await ask('GetDeployment', { deploymentId: id })).deploymentInfo).toMatchObject({
      ...group,
      deploymentId: id,
      status: 'InProgress',
      creator: 'user',
      deploymentConfigName: 'CodeDeployDefault.ECSCanary10Percent5Minutes',
      createTime: expect.any(Date),
      computePlatform: 'ECS',
    });
    expect(await ask('StopDeployment', { deploymentId: id, autoRollbackEnabled: true })).toMatchObject({ status: 'Pending' });
    await stage.deployments.finished(id);
    const { deploymentInfo } = await ask('GetDeployment', { deploymentId: id });
    expect(deploymentInfo).toMatchObject({
      status: 'Stopped',
      errorInformation: { code: 'MANUAL_STOP' },
      completeTime: expect.any(Date),
    });
    const back = await ask('GetDeployment', { deploymentId: deploymentInfo.rollbackInfo.rollbackDeploymentId });
    expect(back.deploymentInfo).toMatchObject({
      creator: 'codeDeployRollback',
      rollbackInfo: { rollbackTriggeringDeploymentId: id },
    });
  });

  it('lists deployments by status and time', async () => {
    const { id } = await inHook();
    const list = async (more: object) => (await ask('ListDeployments', { ...group, ...more })).deployments;
    expect(await list({ includeOnlyStatuses: ['Created', 'Queued', 'InProgress', 'Ready'] })).toEqual([id]);
    expect(await list({ includeOnlyStatuses: ['Succeeded'] })).toEqual([]);
    expect(await list({ createTimeRange: { start: new Date(Date.now() - 60_000) } })).toEqual([id]);
    expect(await list({ createTimeRange: { start: new Date(Date.now() + 60_000) } })).toEqual([]);
    await stop(id);
  });

  it("takes a hook's status", async () => {
    const { id, executionId } = await inHook();
    const status = { deploymentId: id, lifecycleEventHookExecutionId: executionId, status: 'Failed' };
    expect(await ask('PutLifecycleEventHookExecutionStatus', status)).toMatchObject({
      lifecycleEventHookExecutionId: executionId,
    });
    expect((await stage.deployments.finished(id)).error?.code).toBe('HOOK_EXECUTION_FAILURE');
    await expect(ask('PutLifecycleEventHookExecutionStatus', status)).rejects.toMatchObject({
      name: 'LifecycleEventAlreadyCompletedException',
    });
  });

  it.each<[string, string, object]>([
    ['DeploymentDoesNotExistException', 'GetDeployment', { deploymentId: 'd-UNKNOWN00' }],
    ['ApplicationDoesNotExistException', 'ListDeployments', { applicationName: 'other', deploymentGroupName: 'posthorn' }],
    ['DeploymentGroupDoesNotExistException', 'ListDeployments', { applicationName: 'posthorn', deploymentGroupName: 'other' }],
    ['InvalidRevisionException', 'CreateDeployment', { applicationName: 'posthorn', deploymentGroupName: 'posthorn' }],
    ['UnknownOperationException', 'ListApplications', {}],
  ])('answers %s to %s', async (name, action, input) => {
    await expect(ask(action, input)).rejects.toMatchObject({ name });
  });
});

describe("CloudWatch's API", () => {
  const ask = async (name: string, input: object) => {
    const sdk = infraClient('cloudwatch');
    const client = new sdk.CloudWatchClient({ ...stage.config });
    try {
      return await client.send(new sdk[`${name}Command`](input));
    } finally {
      client.destroy();
    }
  };
  const Dimensions = [{ Name: 'service', Value: 'posthorn' }];
  const sum = () =>
    stage.metrics.series({ namespace: 'Posthorn', name: 'requests', dimensions: { service: 'posthorn' } }, 'Sum', {
      end: 1,
      count: 1,
      minutes: 1,
    });

  it('takes metrics, compressed ones too', async () => {
    await ask('PutMetricData', { Namespace: 'Posthorn', MetricData: [{ MetricName: 'requests', Dimensions, Value: 5 }] });
    const many = Array.from({ length: 500 }, () => ({ MetricName: 'requests', Dimensions, Value: 1 }));
    await ask('PutMetricData', { Namespace: 'Posthorn', MetricData: many });
    await ask('PutMetricData', {
      Namespace: 'Posthorn',
      MetricData: [{ MetricName: 'requests', Dimensions, Values: [2], Counts: [3] }],
    });
    expect(sum()).toEqual([{ value: 511, samples: 504 }]);
  });

  it('describes alarms, and sets one by hand', async () => {
    await ask('SetAlarmState', { AlarmName: ALARM.AlarmName, StateValue: 'ALARM', StateReason: 'by hand' });
    const { MetricAlarms } = await ask('DescribeAlarms', { AlarmNames: [ALARM.AlarmName, 'none'] });
    expect(MetricAlarms).toMatchObject([
      { AlarmName: ALARM.AlarmName, StateValue: 'ALARM', StateReason: 'by hand', StateUpdatedTimestamp: expect.any(Date) },
    ]);
    await expect(ask('SetAlarmState', { AlarmName: 'none', StateValue: 'OK', StateReason: '' })).rejects.toMatchObject({
      name: 'ResourceNotFound',
    });
  });

  it('says what is not modelled', async () => {
    await expect(ask('ListMetrics', {})).rejects.toMatchObject({ message: expect.stringContaining('ListMetrics of CloudWatch') });
  });
});

describe("the release's functions", () => {
  const hook = (name: string) => import(`../../infra/hooks/${name}.mjs`);

  it('read their secrets', async () => {
    const { readSecret } = await hook('secret');
    expect(await readSecret(SECRET.arn)).toBe(SECRET.value);
    await expect(readSecret('arn:none')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  it('tell their verdict', async () => {
    const { handler } = await hook('release-check');
    stage.functions.ways.check = async (event) => {
      await handler(event, { getRemainingTimeInMillis: () => 31_000 });
      return { failed: null };
    };
    const closed = { API_URL: 'http://127.0.0.1:1', RECEIVER_URL: 'http://127.0.0.1:1', CHECK_NAME: 'test' };
    Object.assign(process.env, { ...closed, JWT_SECRET_ARN: SECRET.arn, RECEIVER_KEY_ARN: SECRET.arn });
    const { error } = await stage.deployments.finished(stage.deployments.start(definitionOf(2)));
    expect(error?.code).toBe('HOOK_EXECUTION_FAILURE');
  });

  it('stop a deployment whose green crashes in a loop', async () => {
    Object.assign(process.env, {
      CLUSTER: 'posthorn',
      SERVICE: 'posthorn',
      APPLICATION: 'posthorn',
      DEPLOYMENT_GROUP: 'posthorn',
      CRASH_LIMIT: '3',
    });
    const { handler } = await hook('crash-loop-watcher');
    stage.service.steady = false;
    const id = stage.deployments.start(definitionOf(2));
    await until(() => stage.service.sets.length === 2, 5_000, 'green');
    const crashed = { startedBy: 'ecs-svc/2', lastStatus: 'STOPPED', stopCode: 'EssentialContainerExited' } as const;
    const detail = { taskDefinitionArn: definitionOf(2).arn, startedBy: 'ecs-svc/2' };
    stage.service.stopped = [taskOf(1, crashed), taskOf(2, crashed)];
    expect(await handler({ detail })).toEqual({ stopped: null });
    stage.service.stopped.push(taskOf(3, crashed));
    expect(await handler({ detail })).toEqual({ stopped: id });
    const { status, rollback } = await stage.deployments.finished(id);
    expect([status, rollback?.rollbackDeploymentId]).toEqual(['Stopped', expect.any(String)]);
  });

  it('count the requests of others, in minutes that are over', async () => {
    const { requestsOfOthers, recordOwn } = await hook('request-rate');
    const sdk = infraClient('cloudwatch');
    const client = new sdk.CloudWatchClient({ ...stage.config });
    const counted = {
      loadBalancer: 'app/posthorn/1',
      targetGroups: ['targetgroup/blue/1'],
      namespace: 'Posthorn',
      service: 'posthorn',
    };
    const dimensions = { TargetGroup: 'targetgroup/blue/1', LoadBalancer: 'app/posthorn/1' };
    for (let requests = 0; requests < 600; requests++)
      stage.metrics.put({ namespace: 'AWS/ApplicationELB', name: 'RequestCount', dimensions, value: 1 });
    await recordOwn(client, counted, new Map([[Date.now(), 300]]));
    expect(await requestsOfOthers(client, counted, Date.now())).toBe(0);
    stage.pass(5 * 60_000);
    expect(await requestsOfOthers(client, counted, Date.now())).toBe(1);
    client.destroy();
  });
});
