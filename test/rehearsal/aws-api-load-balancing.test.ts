import {
  DescribeListenersCommand,
  DescribeRulesCommand,
  DescribeTagsCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  paginateDescribeRules,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { LoadBalancer } from '../../src/release/load-balancer.js';
import { startMetadata } from './aws-api-metadata.js';
import { CREDENTIALS, startApi } from './aws-api-stage.js';
import { BLUE, GREEN } from './codedeploy-stage.js';

let stage: Awaited<ReturnType<typeof startApi>>;
let client: ElasticLoadBalancingV2Client;

beforeEach(async () => {
  stage = await startApi({}, [new Map([[BLUE, 1]]), new Map([[GREEN, 1]])]);
  client = new ElasticLoadBalancingV2Client(stage.config);
  stage.production.weights = new Map([
    [BLUE, 90],
    [GREEN, 10],
  ]);
});
afterEach(async () => {
  client.destroy();
  await stage.api.stop();
});

const target = (id: string, state: 'healthy' | 'unhealthy' | 'initial', reason: string | null = null) => ({
  target: { id, port: 3000, zone: 'eu-west-1a' },
  state,
  reason,
});

describe("the load balancer's API", () => {
  it('describes rules, the default one last, with the weights of its target groups', async () => {
    const { Rules } = await client.send(new DescribeRulesCommand({ ListenerArn: stage.production.arn }));
    expect(Rules!.map(({ Priority, IsDefault }) => [Priority, IsDefault])).toEqual([
      ['1', false],
      ['2', false],
      ['default', true],
    ]);
    expect(Rules![0]!.Actions![0]!.TargetGroupArn).toBe(BLUE);
    expect(Rules![2]!.Actions).toEqual([
      {
        Type: 'forward',
        ForwardConfig: {
          TargetGroups: [
            { TargetGroupArn: BLUE, Weight: 90 },
            { TargetGroupArn: GREEN, Weight: 10 },
          ],
          TargetGroupStickinessConfig: { Enabled: false },
        },
      },
    ]);
  });

  it('gives rules in pages', async () => {
    const pages = paginateDescribeRules({ client }, { ListenerArn: stage.production.arn, PageSize: 1 });
    const priorities: unknown[] = [];
    for await (const { Rules } of pages) priorities.push(Rules!.map(({ Priority }) => Priority));
    expect(priorities).toEqual([['1'], ['2'], ['default']]);
  });

  it('finds a rule by its ARN', async () => {
    const { Rules } = await client.send(new DescribeRulesCommand({ ListenerArn: stage.production.arn }));
    const { RuleArn } = Rules![1]!;
    expect((await client.send(new DescribeRulesCommand({ RuleArns: [RuleArn!] }))).Rules).toMatchObject([{ Priority: '2' }]);
  });

  it('describes listeners', async () => {
    const { Listeners } = await client.send(new DescribeListenersCommand({ ListenerArns: [stage.test.arn] }));
    expect(Listeners).toMatchObject([{ ListenerArn: stage.test.arn, Port: 8080, DefaultActions: [{ TargetGroupArn: BLUE }] }]);
  });

  it('describes target groups by name', async () => {
    const { TargetGroups } = await client.send(new DescribeTargetGroupsCommand({ Names: ['green'] }));
    expect(TargetGroups).toMatchObject([{ TargetGroupArn: GREEN, HealthCheckIntervalSeconds: 10, Matcher: { HttpCode: '200' } }]);
  });

  it('describes the health of targets, with reasons', async () => {
    stage.groups[0].targets = [target('127.0.1.1', 'healthy'), target('127.0.1.2', 'unhealthy', 'Target.ResponseCodeMismatch')];
    const command = new DescribeTargetHealthCommand({ TargetGroupArn: BLUE });
    expect((await client.send(command)).TargetHealthDescriptions).toEqual([
      {
        Target: { Id: '127.0.1.1', Port: 3000, AvailabilityZone: 'eu-west-1a' },
        HealthCheckPort: '3000',
        TargetHealth: { State: 'healthy' },
      },
      {
        Target: { Id: '127.0.1.2', Port: 3000, AvailabilityZone: 'eu-west-1a' },
        HealthCheckPort: '3000',
        TargetHealth: { State: 'unhealthy', Reason: 'Target.ResponseCodeMismatch' },
      },
    ]);
  });

  it('says unused of targets that are not registered', async () => {
    const command = new DescribeTargetHealthCommand({ TargetGroupArn: BLUE, Targets: [{ Id: '127.0.9.9' }] });
    expect((await client.send(command)).TargetHealthDescriptions).toEqual([
      { Target: { Id: '127.0.9.9' }, TargetHealth: { State: 'unused', Reason: 'Target.NotRegistered' } },
    ]);
  });

  it.each<[string, () => Promise<unknown>]>([
    ['TargetGroupNotFoundException', () => client.send(new DescribeTargetHealthCommand({ TargetGroupArn: 'arn:none' }))],
    ['TargetGroupNotFoundException', () => client.send(new DescribeTargetGroupsCommand({ Names: ['blue', 'none'] }))],
    ['ListenerNotFoundException', () => client.send(new DescribeRulesCommand({ ListenerArn: 'arn:none' }))],
    ['RuleNotFoundException', () => client.send(new DescribeRulesCommand({ RuleArns: ['arn:none'] }))],
    ['LoadBalancerNotFoundException', () => client.send(new DescribeListenersCommand({ LoadBalancerArn: 'arn:none' }))],
    ['ValidationError', () => client.send(new DescribeRulesCommand({}))],
  ])('answers %s', async (name, ask) => {
    await expect(ask()).rejects.toMatchObject({ name, $metadata: { httpStatusCode: 400 } });
  });

  it('says what is not modelled, and writes it down', async () => {
    const command = new DescribeTagsCommand({ ResourceArns: [BLUE] });
    await expect(client.send(command)).rejects.toMatchObject({
      name: 'InvalidAction',
      message: expect.stringContaining('DescribeTags'),
    });
    expect(stage.journal.factsOf('api.not_modelled')).toEqual([{ action: 'DescribeTags' }]);
  });

  it('throttles an action as AWS does, until that is over', async () => {
    const over = stage.api.disturb('DescribeRules', 'throttle');
    const ask = () => client.send(new DescribeRulesCommand({ ListenerArn: stage.production.arn }));
    await expect(ask()).rejects.toMatchObject({ name: 'Throttling', message: 'Rate exceeded' });
    over();
    expect((await ask()).Rules).toHaveLength(3);
    expect(stage.api.calls('DescribeRules')).toBe(2);
  });

  it('does not answer an action that hangs', async () => {
    stage.api.disturb('DescribeRules', 'hang');
    const command = new DescribeRulesCommand({ ListenerArn: stage.production.arn });
    await expect(client.send(command, { abortSignal: AbortSignal.timeout(100) })).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('the gate of a release', () => {
  it('learns the share of its own task from this API', async () => {
    stage.groups[1].targets = [target('127.0.2.7', 'initial')];
    const metadata = await startMetadata('127.0.2.7');
    Object.assign(process.env, {
      AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING_V2: stage.url,
      AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    });
    const gate = new LoadBalancer({ listenerArn: stage.test.arn, region: 'eu-west-1', metadataUrl: metadata.url });
    stage.test.weights = new Map([
      [BLUE, 90],
      [GREEN, 10],
    ]);
    expect(await gate.share(AbortSignal.timeout(5_000))).toBeCloseTo(0.1);
    stage.test.shift(new Map([[GREEN, 100]]));
    expect(await gate.share(AbortSignal.timeout(5_000))).toBe(1);
    gate.close();
    await metadata.stop();
    delete process.env.AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING_V2;
  });
});
