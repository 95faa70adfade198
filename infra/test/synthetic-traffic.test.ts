import { describe, expect, it } from '@jest/globals';
import { OWN } from '../hooks/request-rate.mjs';
import { BadOptions } from '../lib/option-reader.ts';
import { metrics } from '../lib/settings.ts';
import { EVERYTHING, only, resourcesOf, templateOf, textOf } from './support/synth.ts';

const SENDER = 'posthorn-synthetic-traffic';
const sender = (context = {}) =>
  only(templateOf(context), 'AWS::Lambda::Function', ({ FunctionName }) => FunctionName === SENDER).Properties;
const variables = (context = {}) => sender(context).Environment.Variables;
const named = (name: string) => only(templateOf(), 'AWS::CloudWatch::Alarm', ({ AlarmName }) => AlarmName === name).Properties;

/** Seconds of a minute in which a run sends at the least: calls come within their minute, not at its first second. */
const SENDING = 50;
/** Messages, of all requests. */
const MESSAGES = 1 / 2;
const rate = Number(variables().REQUESTS_PER_SECOND);

/** That of `trials`, each with chance `p`, at least `wanted` come true. */
function atLeast(wanted: number, trials: number, p: number): number {
  let exactly = (1 - p) ** trials;
  let fewer = 0;
  for (let n = 0; n < wanted; n++) {
    fewer += exactly;
    exactly *= ((trials - n) / (n + 1)) * (p / (1 - p));
  }
  return 1 - fewer;
}

/** That of so many minutes, each bad with chance `p`, an alarm finds enough that are close together. */
function goesOff({ DatapointsToAlarm, EvaluationPeriods }: Record<string, number>, minutes: number, p: number): number {
  let found = 0;
  for (let outcome = 0; outcome < 2 ** minutes; outcome++) {
    const bad = Array.from({ length: minutes }, (_, minute) => Number((outcome >> minute) % 2 === 1));
    const sum = (some: number[]) => some.reduce((all, one) => all + one, 0);
    const isSeen = bad.some((_, at) => sum(bad.slice(Math.max(0, at + 1 - EvaluationPeriods!), at + 1)) >= DatapointsToAlarm!);
    if (isSeen) found += p ** sum(bad) * (1 - p) ** (minutes - sum(bad));
  }
  return found;
}

describe('the rate is enough for the alarms of a service without any other traffic', () => {
  const { DeploymentConfigName } = only(templateOf(), 'AWS::CodeDeploy::DeploymentGroup').Properties;
  const [, percent, canaryMinutes] = /ECSCanary(\d+)Percent(\d+)Minutes/.exec(DeploymentConfigName)!.map(Number);
  const share = percent! / 100;
  const aMinute = rate * SENDING;
  const fiveXx = named('posthorn-release-green-5xx');
  const wanted = Number(/errors, 0\) >= (\d+)/.exec(textOf(fiveXx.Metrics))![1]);
  /** That the alarm about errors goes off in the canary, if green fails this part of its requests. */
  const seen = (failing: number) => goesOff(fiveXx, canaryMinutes!, atLeast(wanted, aMinute, share * failing));

  it.each([
    ['all requests', 1, 0.999],
    ['all messages', MESSAGES, 0.999],
    ['every third request', 1 / 3, 0.99],
  ])('a green that fails %s is found in the canary', (_what, failing, certainty) => {
    expect(100 * failing).toBeGreaterThan(fiveXx.Threshold);
    expect(seen(failing)).toBeGreaterThan(certainty);
  });

  it('two requests a second would not find it surely', () => {
    expect(goesOff(fiveXx, canaryMinutes!, atLeast(wanted, 2 * SENDING, share * MESSAGES))).toBeLessThan(0.9);
  });

  it('a slow green is found after the shift, while blue is still there: the percentile has its samples', () => {
    const latency = named('posthorn-release-green-latency');
    const percentile = Number(latency.ExtendedStatistic.slice(1)) / 100;
    const samples = Math.round(10 / (1 - percentile));
    expect(samples).toBe(200);
    expect(aMinute).toBeGreaterThanOrEqual(samples);
    // In the canary it has not: the comment in lib/synthetic-traffic.ts says so.
    expect(aMinute * share).toBeLessThan(samples);
    const { TerminationWaitTimeInMinutes: wait } = only(templateOf(), 'AWS::CodeDeploy::DeploymentGroup').Properties
      .BlueGreenDeploymentConfiguration.TerminateBlueInstancesOnDeploymentSuccess;
    expect(latency.EvaluationPeriods).toBeLessThan(wait);
  });
});

describe('the function of the synthetic traffic', () => {
  it('is called every minute, and not again when it failed: the next minute comes by itself', () => {
    const [id] = Object.entries(resourcesOf(templateOf(), 'AWS::Lambda::Function')).find(
      ([, { Properties }]) => Properties.FunctionName === SENDER,
    )!;
    const rule = only(templateOf(), 'AWS::Events::Rule', ({ Targets }) => textOf(Targets).includes(id));
    expect(rule.Properties.ScheduleExpression).toBe('rate(1 minute)');
    expect(rule.Properties.Targets[0].RetryPolicy).toEqual({ MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 });
    expect(
      only(templateOf(), 'AWS::Lambda::EventInvokeConfig', ({ FunctionName }) => FunctionName.Ref === id).Properties,
    ).toMatchObject({
      MaximumRetryAttempts: 0,
      MaximumEventAgeInSeconds: 60,
    });
  });

  it('has the time of a minute, and of the last answers', () => {
    expect(sender()).toMatchObject({ Handler: 'synthetic-traffic.handler', Timeout: 120 });
  });

  it('reaches the production listener from inside, with a domain and without', () => {
    expect(sender().VpcConfig.SubnetIds).toHaveLength(3);
    expect(textOf(variables().API_URL)).toMatch(/:80"/);
    expect(variables(EVERYTHING).API_URL).toBe('https://hooks.example.com:443');
  });

  it('sends its webhooks to the receiver of the release check', () => {
    const receivers = Object.values(resourcesOf(templateOf(), 'AWS::Lambda::Function')).flatMap(({ Properties }) =>
      Properties.Environment?.Variables?.RECEIVER_URL ? [textOf(Properties.Environment.Variables.RECEIVER_URL)] : [],
    );
    expect(receivers).toHaveLength(3);
    expect(new Set(receivers).size).toBe(1);
  });

  it('looks at both target groups, by the names that metrics have', () => {
    expect(textOf(variables().TARGET_GROUPS)).toMatch(/TrafficBlue.*TargetGroupFullName.*,.*TrafficGreen.*TargetGroupFullName/);
    expect(textOf(variables().LOAD_BALANCER)).toMatch(/loadbalancer|LoadBalancerFullName/);
  });

  it('may ask, read the two secrets, and write metrics of our namespace only', () => {
    const statements = Object.values(resourcesOf(templateOf(), 'AWS::IAM::Policy'))
      .filter(({ Properties }) => textOf(Properties.Roles).includes('SyntheticTrafficSenderRole'))
      .flatMap(({ Properties }) => Properties.PolicyDocument.Statement as any[]);
    const actions = statements.flatMap(({ Action }) => Action as string[]).filter((action) => !/^(logs|ec2):/.test(action));
    expect(actions.sort()).toEqual([
      'cloudwatch:GetMetricData',
      'cloudwatch:PutMetricData',
      'codedeploy:ListDeployments',
      'secretsmanager:GetSecretValue',
    ]);
    const of = (action: string) => statements.find(({ Action }) => Action === action);
    expect(of('cloudwatch:PutMetricData').Condition).toEqual({ StringEquals: { 'cloudwatch:namespace': metrics.namespace } });
    expect(textOf(of('codedeploy:ListDeployments').Resource)).toContain('deploymentgroup:posthorn/posthorn');
    expect(textOf(of('secretsmanager:GetSecretValue').Resource)).toMatch(/posthorn\/jwt-key.*posthorn\/receiver-key/);
  });

  it('counts its requests where the dashboard looks', () => {
    expect(metrics.syntheticRequests).toBe(OWN);
    expect([variables().METRIC_NAMESPACE, variables().METRIC_SERVICE]).toEqual([metrics.namespace, 'posthorn']);
    expect(textOf(only(templateOf(), 'AWS::CloudWatch::Dashboard').Properties.DashboardBody)).toContain(OWN);
  });
});

describe('the option', () => {
  it('switches it off', () => {
    const names = Object.values(resourcesOf(templateOf({ syntheticTraffic: 'false' }), 'AWS::Lambda::Function')).map(
      ({ Properties }) => Properties.FunctionName,
    );
    expect(names).not.toContain(SENDER);
  });

  it('sets the rate', () => {
    expect(variables({ syntheticTraffic: '12' }).REQUESTS_PER_SECOND).toBe('12');
  });

  it.each([{ syntheticTraffic: '0' }, { syntheticTraffic: '51' }, { syntheticTraffic: 'often' }])('%j is refused', (context) => {
    expect(() => templateOf(context)).toThrow(BadOptions);
    expect(() => templateOf(context)).toThrow('syntheticTraffic must be true, false, or 1 to 50 requests a second.');
  });

  it('goes with a firewall that lets it through', () => {
    expect(() => templateOf({ waf: '1500' })).toThrow('waf must be above 1500');
    expect(() => templateOf({ waf: '1501' })).not.toThrow();
    expect(() => templateOf({ waf: '100', syntheticTraffic: 'false' })).not.toThrow();
  });
});
