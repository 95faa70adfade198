import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { taskAddresses } from '../../src/release/task-address.js';
import { taskIdentity } from '../../src/release/task-identity.js';
import { aDefinition, ask, Ecs, HEALTH_CHECK, ZONES } from './support/ecs.js';
import type { Task } from '../../rehearsal/ecs/task.js';

describe('the metadata endpoint', () => {
  const noLimit = new AbortController().signal;
  let ecs: Ecs;
  let task: Task;
  let url: string;
  beforeEach(async () => {
    ecs = await Ecs.start();
    task = ecs.task(await aDefinition({ healthCheck: HEALTH_CHECK }));
    await ecs.serving(task);
    url = JSON.parse(await ask(task, '/environment')).ECS_CONTAINER_METADATA_URI_V4;
  });
  afterEach(() => ecs.stop());

  it('tells a task of the service its address and its identity', async () => {
    expect(await taskAddresses(url, noLimit)).toEqual([task.target.id]);
    expect(await taskIdentity(url, noLimit)).toEqual({ id: task.arn.split('/').at(-1), version: '1.2.3' });
  });

  it('describes the container', async () => {
    expect(await (await fetch(url)).json()).toMatchObject({
      Name: 'app',
      Image: 'registry/posthorn:1.2.3',
      Labels: {
        'com.amazonaws.ecs.cluster': 'arn:aws:ecs:eu-west-1:123456789012:cluster/posthorn',
        'com.amazonaws.ecs.task-definition-family': 'posthorn',
        'com.amazonaws.ecs.task-definition-version': '7',
      },
      DesiredStatus: 'RUNNING',
      KnownStatus: 'RUNNING',
      Type: 'NORMAL',
      Health: { status: expect.stringMatching(/^(UNKNOWN|HEALTHY)$/) },
      Networks: [{ NetworkMode: 'awsvpc', IPv4Addresses: [task.target.id] }],
    });
  });

  it('describes the task', async () => {
    expect(await (await fetch(`${url}/task`)).json()).toMatchObject({
      Cluster: 'arn:aws:ecs:eu-west-1:123456789012:cluster/posthorn',
      ServiceName: 'posthorn',
      TaskARN: task.arn,
      Family: 'posthorn',
      Revision: '7',
      KnownStatus: 'RUNNING',
      AvailabilityZone: ZONES[0],
      LaunchType: 'FARGATE',
      Containers: [{ Name: 'app' }],
    });
  });

  it('knows nothing of a task that is gone', async () => {
    task.signal('SIGKILL');
    await task.stopped;

    expect((await fetch(url)).status).toBe(404);
  });
});
