import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { handler as receive } from '../../hooks/receiver.mjs';
import { handler } from '../../hooks/synthetic-traffic.mjs';
import { sendTraffic } from '../../hooks/traffic.mjs';
import { fakeApi } from '../support/fake-api.ts';
import { AwsStandIn, Refused, serve, type Answers } from '../support/stand-ins.ts';

const SECRETS: Record<string, string> = { 'arn:jwt': 'j'.repeat(64), 'arn:key': 'k'.repeat(43) };
const RATE = 20;
/** Time that the function keeps for the last answers. */
const RESERVE_MS = 45_000;
const MINUTE_MS = 60_000;

const aws = new AwsStandIn();
let stops: (() => Promise<void>)[] = [];
let receiverUrl: string;

/** AWS with a deployment or none, and so many requests in the last minutes: of both groups together, and of them our own. */
const world = (deployments: string[], requests = { blue: [0], green: [0], own: [0] }): Answers => ({
  ListDeployments: () => ({ deployments }),
  GetMetricData: () => ({
    MetricDataResults: [
      { Id: 'group0', Values: requests.blue },
      { Id: 'group1', Values: requests.green },
      { Id: 'own', Values: requests.own },
    ],
  }),
  GetSecretValue: ({ SecretId }) => ({ SecretString: SECRETS[SecretId] }),
  PutMetricData: () => ({}),
});

/** One run that has so long to send. */
const run = (sendMs: number) => handler({}, { getRemainingTimeInMillis: () => sendMs + RESERVE_MS });

async function api(wishes: Parameters<typeof fakeApi>[0] = {}) {
  const started = await fakeApi(wishes);
  stops.push(started.stop);
  process.env.API_URL = started.url;
  return started;
}

beforeAll(() => aws.start());
afterAll(() => aws.stop());
beforeEach(async () => {
  const receiver = await serve(async ({ headers, body }) => {
    const { statusCode, body: answer } = await receive({ headers, body: body.toString('base64'), isBase64Encoded: true });
    return { status: statusCode, body: answer };
  });
  stops = [receiver.stop];
  receiverUrl = receiver.url;
  Object.assign(process.env, {
    APPLICATION: 'posthorn',
    DEPLOYMENT_GROUP: 'posthorn',
    LOAD_BALANCER: 'app/posthorn/1',
    TARGET_GROUPS: 'targetgroup/blue/1,targetgroup/green/2',
    METRIC_NAMESPACE: 'Posthorn',
    METRIC_SERVICE: 'posthorn',
    REQUESTS_PER_SECOND: String(RATE),
    RECEIVER_URL: receiver.url,
    JWT_SECRET_ARN: 'arn:jwt',
    RECEIVER_KEY_ARN: 'arn:key',
  });
});
afterEach(async () => {
  for (const stop of stops) await stop();
});

describe('a run while no deployment is under way', () => {
  it('asks CodeDeploy, and does nothing else', async () => {
    const { seen } = await api();
    aws.play(world([]));
    expect(await run(1_000)).toEqual({ deploymentId: null, requests: 0 });
    expect(aws.calls.map(({ operation }) => operation)).toEqual(['ListDeployments']);
    expect(seen).toEqual([]);
  });

  it('asks for every state in which blue can still take the traffic back, of the last three hours', async () => {
    aws.play(world([]));
    await run(1_000);
    const [{ createTimeRange, includeOnlyStatuses, ...group }] = aws.inputsOf('ListDeployments');
    expect(group).toEqual({ applicationName: 'posthorn', deploymentGroupName: 'posthorn' });
    expect(includeOnlyStatuses).toEqual(['Created', 'Queued', 'InProgress', 'Baking', 'Ready']);
    expect(createTimeRange.start).toBeGreaterThan(Date.now() / 1000 - 3 * 3600 - 60);
    expect(createTimeRange.start).toBeLessThanOrEqual(Date.now() / 1000 - 3 * 3600);
  });
});

describe('a run during a deployment', () => {
  it('sends messages that are delivered, signed and looked at, as a tenant of its own', async () => {
    const { seen } = await api();
    aws.play(world(['d-1']));
    const { requests } = await run(2_000);
    const messages = seen.filter(({ method, path }) => method === 'POST' && path.endsWith('/msg'));
    const looks = seen.filter(({ path }) => path.includes('/attempt/msg/'));
    expect(requests).toBe(seen.length);
    expect(messages.length).toBeGreaterThan(10);
    expect(looks.length).toBeGreaterThan(10);
    const claims = JSON.parse(Buffer.from(seen[0]!.authorization!.split('.')[1]!, 'base64url').toString());
    expect(claims.sub).toBe('org_synthetic_traffic');
  });

  it('makes one application and one endpoint, the same in each run, and gives its key only once', async () => {
    const { seen } = await api();
    aws.play(world(['d-1']));
    await run(3_000);
    await run(3_000);
    const made = seen.filter(({ path }) => !path.endsWith('/msg') && !path.includes('/attempt/'));
    const once = [
      'POST /api/v1/app?get_if_exists=true',
      'PUT /api/v1/app/synthetic-traffic/endpoint/receiver',
      'GET /api/v1/app/synthetic-traffic/endpoint/receiver/secret',
    ];
    expect(made.map(({ method, path }) => `${method} ${path}`)).toEqual([
      ...once,
      'POST /api/v1/app/synthetic-traffic/endpoint/receiver/secret/rotate',
      ...once,
    ]);
    expect(made[0]!.body.uid).toBe('synthetic-traffic');
    expect(made[1]!.body).toEqual({ url: receiverUrl });
  });

  it('asks CloudWatch for whole minutes that are complete, of both target groups and of its own', async () => {
    await api();
    aws.play(world(['d-1']));
    const before = Date.now();
    await run(0);
    const [{ StartTime, EndTime, MetricDataQueries }] = aws.inputsOf('GetMetricData');
    expect((EndTime * 1000) % MINUTE_MS).toBe(0);
    expect(before - EndTime * 1000).toBeGreaterThanOrEqual(2 * MINUTE_MS);
    expect(EndTime - StartTime).toBe(300);
    expect(MetricDataQueries.map(({ MetricStat: { Metric, Stat } }: any) => [Metric.Namespace, Metric.MetricName, Stat])).toEqual(
      [
        ['AWS/ApplicationELB', 'RequestCount', 'Sum'],
        ['AWS/ApplicationELB', 'RequestCount', 'Sum'],
        ['Posthorn', 'syntheticRequests', 'Sum'],
      ],
    );
    expect(MetricDataQueries[1].MetricStat.Metric.Dimensions).toEqual([
      { Name: 'TargetGroup', Value: 'targetgroup/green/2' },
      { Name: 'LoadBalancer', Value: 'app/posthorn/1' },
    ]);
  });

  it('sends nothing if others send enough', async () => {
    const { seen } = await api();
    const minutes = (perSecond: number) => Array.from({ length: 5 }, () => perSecond * 60);
    aws.play(world(['d-1'], { blue: minutes(RATE - 2), green: minutes(2), own: [] }));
    expect(await run(1_000)).toEqual({ deploymentId: 'd-1', requests: 0 });
    expect(seen).toEqual([]);
  });

  it('does not take its own requests for those of others', async () => {
    await api();
    const minutes = (perSecond: number) => Array.from({ length: 5 }, () => perSecond * 60);
    aws.play(world(['d-1'], { blue: minutes(RATE), green: minutes(2), own: minutes(RATE) }));
    expect((await run(3_000)).requests).toBeGreaterThan(0);
  });

  it('writes down how many requests were its own, by minute', async () => {
    await api();
    aws.play(world(['d-1']));
    const { requests } = await run(3_000);
    const [{ Namespace, MetricData }] = aws.inputsOf('PutMetricData');
    expect(Namespace).toBe('Posthorn');
    expect(MetricData[0]).toMatchObject({
      MetricName: 'syntheticRequests',
      Dimensions: [{ Name: 'service', Value: 'posthorn' }],
      Unit: 'Count',
    });
    expect((MetricData[0].Timestamp * 1000) % MINUTE_MS).toBe(0);
    expect(MetricData.reduce((sum: number, { Value }: any) => sum + Value, 0)).toBe(requests);
  });

  it('does not fail when the service does: it counts', async () => {
    await api({ message: 503 });
    aws.play(world(['d-1']));
    expect((await run(1_000)).requests).toBeGreaterThan(10);
    expect(aws.inputsOf('PutMetricData')).toHaveLength(1);
  });

  it('fails when AWS refuses, so that the alarm about functions sees it', async () => {
    await api();
    aws.play({
      ...world(['d-1']),
      GetMetricData: () => {
        throw new Refused('no');
      },
    });
    await expect(run(1_000)).rejects.toThrow('no');
  });

  it('has no time left to send when it was called too late', async () => {
    const { seen } = await api();
    aws.play(world(['d-1']));
    expect(await run(-10_000)).toEqual({ deploymentId: 'd-1', requests: 0 });
    expect(seen).toEqual([]);
  });
});

describe('the stream', () => {
  const traffic = (apiUrl: string, forMs: number, rate = RATE) =>
    sendTraffic({ apiUrl, receiverUrl, jwtSecret: SECRETS['arn:jwt']!, receiverKey: SECRETS['arn:key']!, rate, forMs });

  it('is spread evenly, and ends in time', async () => {
    const { url, seen } = await api();
    const startedAt = Date.now();
    await traffic(url, 2_000, 10);
    const lasted = Date.now() - startedAt;
    // 20 turns, and the new endpoint is given its key.
    expect(seen.length).toBe(20 + 1);
    expect(lasted).toBeGreaterThanOrEqual(1_800);
    expect(lasted).toBeLessThan(4_000);
  });

  it('sends a slow service as many requests as a quick one', async () => {
    const { url, seen } = await api({ slowMs: 300 });
    const startedAt = Date.now();
    await traffic(url, 2_000);
    expect(Date.now() - startedAt).toBeLessThan(5_000);
    expect(seen.filter(({ path }) => !path.endsWith('/rotate')).length).toBe(2 * RATE);
  });

  it('counts what was delivered', async () => {
    const { url } = await api();
    const { requests, delivered, ...bad } = await traffic(url, 1_500);
    expect(delivered).toBeGreaterThan(5);
    expect(delivered).toBeLessThan(requests / 2 + 1);
    expect(bad).toMatchObject({ failed: 0, late: 0, wrong: 0 });
  });

  it('counts what the receiver found wrong', async () => {
    const { url } = await api({ wrongKey: true });
    const { delivered, wrong, failed } = await traffic(url, 1_000);
    expect(delivered).toBe(0);
    expect(wrong).toBeGreaterThan(3);
    expect(failed).toBe(0);
  });

  it('asks again for what was not delivered yet', async () => {
    const { url } = await api({ silent: true });
    expect(await traffic(url, 1_000)).toMatchObject({ delivered: 0, wrong: 0, failed: 0, late: 0 });
  });

  it('counts a request that was refused, and goes on', async () => {
    const { url, seen } = await api({ message: 500 });
    const { failed, requests } = await traffic(url, 1_000);
    expect(requests).toBe(seen.length);
    expect(failed).toBeGreaterThan(10);
  });

  it('counts requests that reach nobody', async () => {
    const { url, stop } = await fakeApi();
    await stop();
    const { failed, requests } = await traffic(url, 500);
    expect(failed).toBe(requests);
    expect(failed).toBeGreaterThan(5);
  });
});
