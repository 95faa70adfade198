import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { crashesOf, greenOf } from '../../hooks/crash-loop.mjs';
import { handler } from '../../hooks/crash-loop-watcher.mjs';
import { AwsStandIn, type Answers } from '../support/stand-ins.ts';

const BLUE = { id: 'ecs-svc/1', status: 'PRIMARY', taskDefinition: 'posthorn:6', createdAt: 1_700_000_000 };
const GREEN = { id: 'ecs-svc/2', status: 'ACTIVE', taskDefinition: 'posthorn:7', createdAt: 1_700_009_000 };
const crashed = {
  startedBy: GREEN.id,
  stopCode: 'EssentialContainerExited',
  stoppedReason: 'Essential container in task exited',
};

const aws = new AwsStandIn();
beforeAll(async () => {
  await aws.start();
  Object.assign(process.env, {
    CLUSTER: 'posthorn',
    SERVICE: 'posthorn',
    APPLICATION: 'posthorn',
    DEPLOYMENT_GROUP: 'posthorn',
    CRASH_LIMIT: '3',
  });
});
afterAll(() => aws.stop());

const world = (taskSets: object[], stopped: object[], deployments = ['d-1']): Answers => ({
  DescribeServices: () => ({ services: [{ taskSets }] }),
  ListTasks: () => ({ taskArns: stopped.map((_task, at) => `arn:task/${at}`) }),
  DescribeTasks: () => ({ tasks: stopped }),
  ListDeployments: () => ({ deployments }),
  StopDeployment: () => ({ status: 'Pending' }),
});
const stoppedTask = (startedBy = GREEN.id) => handler({ detail: { startedBy, taskDefinitionArn: 'posthorn:7' } });

describe('crash-loop watcher', () => {
  it('stops the deployment, with rollback, at the third crash of green', async () => {
    aws.play(world([BLUE, GREEN], [crashed, crashed, crashed]));
    expect(await stoppedTask()).toEqual({ stopped: 'd-1' });
    expect(aws.inputsOf('StopDeployment')).toEqual([{ deploymentId: 'd-1', autoRollbackEnabled: true }]);
    expect(aws.inputsOf('ListTasks')).toMatchObject([{ cluster: 'posthorn', serviceName: 'posthorn', desiredStatus: 'STOPPED' }]);
  });

  it('asks about its own service and deployment group only', async () => {
    aws.play(world([BLUE, GREEN], [crashed, crashed, crashed]));
    await stoppedTask();
    expect(aws.calls.map(({ operation, input }) => [operation, input])).toEqual([
      ['DescribeServices', { cluster: 'posthorn', services: ['posthorn'] }],
      ['ListTasks', { cluster: 'posthorn', serviceName: 'posthorn', desiredStatus: 'STOPPED', maxResults: 100 }],
      ['DescribeTasks', { cluster: 'posthorn', tasks: ['arn:task/0', 'arn:task/1', 'arn:task/2'] }],
      [
        'ListDeployments',
        {
          applicationName: 'posthorn',
          deploymentGroupName: 'posthorn',
          includeOnlyStatuses: ['Created', 'Queued', 'InProgress', 'Ready'],
        },
      ],
      ['StopDeployment', { deploymentId: 'd-1', autoRollbackEnabled: true }],
    ]);
  });

  it('does not count the tasks of blue', async () => {
    aws.play(world([BLUE, GREEN], [crashed, crashed, { ...crashed, startedBy: BLUE.id }]));
    expect(await stoppedTask()).toEqual({ stopped: null });
  });

  it.each(['CLUSTER', 'SERVICE', 'APPLICATION', 'DEPLOYMENT_GROUP', 'CRASH_LIMIT'])('throws when %s is missing', async (name) => {
    const value = process.env[name]!;
    delete process.env[name];
    aws.play(world([BLUE, GREEN], [crashed, crashed, crashed]));
    await expect(stoppedTask()).rejects.toThrow(`${name} is missing`);
    process.env[name] = value;
  });

  it('bears two', async () => {
    aws.play(world([BLUE, GREEN], [crashed, crashed]));
    expect(await stoppedTask()).toEqual({ stopped: null });
    expect(aws.inputsOf('StopDeployment')).toEqual([]);
  });

  it.each([
    ['blue stopped a task', [BLUE, GREEN], BLUE.id],
    ['there is no deployment', [GREEN], GREEN.id],
  ])('does nothing when %s', async (_what, taskSets, startedBy) => {
    aws.play(world(taskSets, [crashed, crashed, crashed, crashed]));
    expect(await stoppedTask(startedBy)).toEqual({ stopped: null });
    expect(aws.inputsOf('StopDeployment')).toEqual([]);
  });

  it('has nothing to stop when the deployment is over', async () => {
    aws.play(world([BLUE, GREEN], [crashed, crashed, crashed], []));
    expect(await stoppedTask()).toEqual({ stopped: null });
  });

  it('throws when AWS does not answer, so that it is called again', async () => {
    aws.play({});
    await expect(stoppedTask()).rejects.toThrow('DescribeServices was not expected');
  });
});

describe('green', () => {
  it('is the younger of two task sets, whichever is primary', () => {
    const dated = (set: typeof BLUE) => ({ ...set, createdAt: new Date(set.createdAt * 1000) });
    expect(greenOf([dated(GREEN), dated(BLUE)])?.id).toBe(GREEN.id);
    expect(
      greenOf([
        { ...dated(GREEN), status: 'PRIMARY' },
        { ...dated(BLUE), status: 'ACTIVE' },
      ])?.id,
    ).toBe(GREEN.id);
    expect(greenOf([dated(BLUE)])).toBeNull();
  });
});

describe('crashes', () => {
  it('are tasks that ended by themselves, never came up, or failed health checks', () => {
    const tasks = [
      crashed,
      { ...crashed, stopCode: 'TaskFailedToStart', stoppedReason: 'CannotPullContainerError' },
      { ...crashed, stopCode: 'ServiceSchedulerInitiated', stoppedReason: 'Task failed ELB health checks in (target-group x)' },
      { ...crashed, stopCode: 'ServiceSchedulerInitiated', stoppedReason: 'Task failed container health checks' },
      { ...crashed, stopCode: 'ServiceSchedulerInitiated', stoppedReason: 'Failed a health check' },
      { ...crashed, stopCode: 'ServiceSchedulerInitiated', stoppedReason: 'Health checks failed' },
    ];
    expect(crashesOf(tasks, GREEN.id)).toBe(6);
  });

  it("are not what somebody wanted, nor blue's", () => {
    const tasks = [
      { ...crashed, stopCode: 'ServiceSchedulerInitiated', stoppedReason: 'Scaling activity initiated by deployment' },
      { ...crashed, stopCode: 'UserInitiated', stoppedReason: 'Stopped by hand' },
      { ...crashed, startedBy: BLUE.id },
    ];
    expect(crashesOf(tasks, GREEN.id)).toBe(0);
  });
});
