import {
  DescribeServicesCommand,
  DescribeTasksCommand,
  ECSClient,
  ListClustersCommand,
  ListTasksCommand,
  paginateListTasks,
} from '@aws-sdk/client-ecs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startApi, taskOf } from './aws-api-stage.js';
import { definitionOf, GREEN, taskSet } from './codedeploy-stage.js';

let stage: Awaited<ReturnType<typeof startApi>>;
let client: ECSClient;

beforeEach(async () => {
  stage = await startApi();
  client = new ECSClient(stage.config);
});
afterEach(async () => {
  client.destroy();
  await stage.api.stop();
});

const cluster = 'posthorn';

describe("ECS's API", () => {
  it('describes a service with its task sets, green made after blue', async () => {
    stage.service.sets.push(taskSet(2, definitionOf(2), GREEN, { running: 1, pending: 1, stability: 'STABILIZING' }));
    const { services, failures } = await client.send(new DescribeServicesCommand({ cluster, services: ['posthorn', 'other'] }));
    expect(failures).toEqual([{ arn: 'other', reason: 'MISSING' }]);
    expect(services).toMatchObject([{ serviceName: 'posthorn', deploymentController: { type: 'CODE_DEPLOY' }, runningCount: 3 }]);
    const [blue, green] = services![0]!.taskSets!;
    expect(blue).toMatchObject({
      id: 'ecs-svc/1',
      status: 'PRIMARY',
      stabilityStatus: 'STEADY_STATE',
      scale: { value: 100, unit: 'PERCENT' },
    });
    expect(green).toMatchObject({
      id: 'ecs-svc/2',
      status: 'ACTIVE',
      pendingCount: 1,
      loadBalancers: [{ targetGroupArn: GREEN }],
    });
    expect(green!.createdAt!.getTime()).toBeGreaterThanOrEqual(blue!.createdAt!.getTime());
  });

  it('lists running tasks unless it is asked for others', async () => {
    stage.service.running = [taskOf(1), taskOf(2, { startedBy: 'ecs-svc/2' })];
    stage.service.stopped = [taskOf(3, { lastStatus: 'STOPPED' })];
    const list = async (more: object) => (await client.send(new ListTasksCommand({ cluster, ...more }))).taskArns;
    expect(await list({ serviceName: 'posthorn' })).toEqual([taskOf(1).arn, taskOf(2).arn]);
    expect(await list({ desiredStatus: 'STOPPED' })).toEqual([taskOf(3).arn]);
    expect(await list({ startedBy: 'ecs-svc/2' })).toEqual([taskOf(2).arn]);
  });

  it('lists tasks in pages', async () => {
    stage.service.running = [taskOf(1), taskOf(2), taskOf(3)];
    const pages: number[] = [];
    for await (const { taskArns } of paginateListTasks({ client, pageSize: 2 }, { cluster })) pages.push(taskArns!.length);
    expect(pages).toEqual([2, 1]);
  });

  it('describes tasks by ARN and by id, with what ended them', async () => {
    const why = { stopCode: 'EssentialContainerExited', stoppedReason: 'Essential container in task exited', exitCode: 1 };
    stage.service.stopped = [taskOf(3, { lastStatus: 'STOPPED', ...why })];
    stage.service.running = [taskOf(1)];
    const tasks = [taskOf(3).arn, taskOf(1).arn.split('/').at(-1)!, 'none'];
    const { tasks: described, failures } = await client.send(new DescribeTasksCommand({ cluster, tasks }));
    expect(described).toMatchObject([
      {
        desiredStatus: 'STOPPED',
        stopCode: why.stopCode,
        stoppedReason: why.stoppedReason,
        containers: [{ name: 'app', exitCode: 1 }],
      },
      {
        desiredStatus: 'RUNNING',
        group: 'service:posthorn',
        containers: [{ networkInterfaces: [{ privateIpv4Address: '127.0.1.1' }] }],
      },
    ]);
    expect(failures).toEqual([{ arn: 'none', reason: 'MISSING' }]);
  });

  it.each<[string, () => Promise<unknown>]>([
    ['ClusterNotFoundException', () => client.send(new ListTasksCommand({ cluster: 'other' }))],
    ['ServiceNotFoundException', () => client.send(new ListTasksCommand({ cluster, serviceName: 'other' }))],
    ['InvalidParameterException', () => client.send(new DescribeTasksCommand({ cluster, tasks: [] }))],
    ['UnknownOperationException', () => client.send(new ListClustersCommand({}))],
  ])('answers %s', async (name, ask) => {
    await expect(ask()).rejects.toMatchObject({ name });
  });

  it('throttles as AWS does', async () => {
    stage.api.disturb('ListTasks', 'throttle');
    await expect(client.send(new ListTasksCommand({ cluster }))).rejects.toMatchObject({ name: 'ThrottlingException' });
  });

  it('fails as AWS does', async () => {
    stage.api.disturb('ListTasks', 'fail');
    await expect(client.send(new ListTasksCommand({ cluster }))).rejects.toMatchObject({ $metadata: { httpStatusCode: 500 } });
  });
});

describe('a service that is not modelled', () => {
  it('gets an error that names it, in JSON and in forms', async () => {
    const authorization =
      'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/eu-west-1/kms/aws4_request, SignedHeaders=host, Signature=0';
    const json = await fetch(stage.url, {
      method: 'POST',
      headers: { authorization, 'x-amz-target': 'TrentService.Decrypt' },
      body: '{}',
    });
    expect([json.status, await json.json()]).toEqual([
      400,
      { __type: 'UnknownOperationException', message: 'The rehearsal does not model Decrypt of the service kms.' },
    ]);
    const form = await fetch(stage.url, {
      method: 'POST',
      body: new URLSearchParams({ Action: 'Publish', Version: '2010-03-31' }),
    });
    expect(await form.text()).toContain('<Code>InvalidAction</Code>');
    const other = await fetch(`${stage.url}/2015-03-31/functions`);
    expect(other.status).toBe(400);
    expect(stage.journal.factsOf('api.not_modelled')).toHaveLength(3);
  });

  it('gets an error for a body that is not what it says', async () => {
    const answer = await fetch(stage.url, {
      method: 'POST',
      headers: { 'x-amz-target': 'secretsmanager.GetSecretValue' },
      body: '{',
    });
    expect(await answer.json()).toMatchObject({ __type: 'SerializationException' });
  });
});
