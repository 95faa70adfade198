import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { LoadBalancer } from '../../src/release/load-balancer.js';
import { BLUE, GREEN, OWN, startEcs, type Ecs } from './ecs.js';

describe('the share of this task', () => {
  let ecs: Ecs;
  let loadBalancer: LoadBalancer;

  beforeEach(async () => {
    ecs = await startEcs();
    Object.assign(process.env, ecs.env, { AWS_ACCESS_KEY_ID: 'any', AWS_SECRET_ACCESS_KEY: 'any' });
    loadBalancer = new LoadBalancer({
      listenerArn: ecs.env.RELEASE_LISTENER_ARN,
      region: 'eu-west-1',
      metadataUrl: ecs.env.ECS_CONTAINER_METADATA_URI_V4,
    });
  });
  afterEach(async () => {
    loadBalancer.close();
    await ecs.stop();
  });

  const share = () => loadBalancer.share(AbortSignal.timeout(10_000));

  it('is nothing while the listener forwards to the other group only, and asks about no group but that', async () => {
    expect(await share()).toBe(0);
    expect(ecs.asked).toEqual({ DescribeRules: 1, DescribeTargetHealth: 1 });
  });

  it('is what its own group gets', async () => {
    ecs.weights = { [BLUE]: 90, [GREEN]: 10 };
    expect(await share()).toBe(0.1);

    ecs.weights = { [GREEN]: 1 };
    expect(await share()).toBe(1);
  });

  it('is nothing for a task that is registered nowhere yet', async () => {
    ecs.weights = { [BLUE]: 50, [GREEN]: 50 };
    ecs.targets[GREEN] = {};

    expect(await share()).toBe(0);
  });

  it('is not that of a task before it, which had the same address and still drains', async () => {
    ecs.targets[BLUE]![OWN] = 'draining';

    expect(await share()).toBe(0);
  });

  it('may come from any rule, on any page', async () => {
    ecs.otherRules = [{ [BLUE]: 3, [GREEN]: 1 }, { [BLUE]: 1 }];

    expect(await share()).toBe(0.25);
    expect(ecs.asked['DescribeRules']).toBe(3);
  });

  it('is unknown when the load balancer refuses', async () => {
    ecs.mode = 'refuse';

    await expect(share()).rejects.toThrow('not DescribeRules');
  });

  it('is unknown when the load balancer hangs, after two tries', async () => {
    ecs.mode = 'hang';

    await expect(share()).rejects.toThrow();
    expect(ecs.asked).toEqual({ DescribeRules: 2 });
  });

  it('is asked of the rules alone, as soon as the group is known: through shift and rollback', async () => {
    ecs.weights = { [BLUE]: 9, [GREEN]: 1 };
    expect(await share()).toBe(0.1);
    expect(ecs.asked).toEqual({ DescribeRules: 1, DescribeTargetHealth: 2 });

    ecs.weights = { [GREEN]: 1 };
    expect(await share()).toBe(1);
    ecs.weights = { [BLUE]: 1, [GREEN]: 0 };
    expect(await share()).toBe(0);
    ecs.weights = { [BLUE]: 1 };
    expect(await share()).toBe(0);
    expect(ecs.asked).toEqual({ DescribeRules: 4, DescribeTargetHealth: 2 });
  });

  it('needs no search at the shift if its group was listed before, with no traffic', async () => {
    ecs.weights = { [BLUE]: 100, [GREEN]: 0 };
    expect(await share()).toBe(0);

    ecs.weights = { [BLUE]: 90, [GREEN]: 10 };
    expect(await share()).toBe(0.1);
    expect(ecs.asked).toEqual({ DescribeRules: 2, DescribeTargetHealth: 2 });
  });

  it('is found when the task is registered', async () => {
    ecs.weights = { [GREEN]: 1 };
    ecs.targets[GREEN] = {};
    expect(await share()).toBe(0);

    ecs.targets[GREEN] = { [OWN]: 'initial' };
    expect(await share()).toBe(1);
    expect(await share()).toBe(1);
    expect(ecs.asked).toEqual({ DescribeRules: 3, DescribeTargetHealth: 2 });
  });

  it('is looked for less often in groups that do not have the task, and at once when the shares change', async () => {
    for (let n = 0; n < 24; n++) expect(await share()).toBe(0);
    expect(ecs.asked).toEqual({ DescribeRules: 24, DescribeTargetHealth: 6 + 3 });

    ecs.weights = { [BLUE]: 9, [GREEN]: 1 };
    expect(await share()).toBe(0.1);
  });

  it('is that of the only group that has the task: with two it looks again', async () => {
    ecs.weights = { [BLUE]: 3, [GREEN]: 1 };
    ecs.targets[BLUE]![OWN] = 'unhealthy';
    expect(await share()).toBe(0.75);

    ecs.targets[BLUE]![OWN] = 'draining';
    expect(await share()).toBe(0.25);
  });

  it('is unknown when the load balancer throttles', async () => {
    ecs.mode = 'throttle';

    await expect(share()).rejects.toMatchObject({ name: 'Throttling', message: 'Rate exceeded' });
  });
});
