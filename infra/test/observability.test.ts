import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { EVERYTHING, INFRA, only, resourcesOf, stacksOf, templateOf, textOf } from './support/synth.ts';

const alarms = (context = {}) =>
  Object.values(resourcesOf(templateOf(context), 'AWS::CloudWatch::Alarm'))
    .map(({ Properties }) => Properties)
    .filter(({ AlarmName }) => AlarmName);
const named = (name: string) => alarms().find(({ AlarmName }) => AlarmName === `posthorn-${name}`)!;

describe('alarms', () => {
  it('each tell somebody, and that it is over', () => {
    for (const { AlarmActions, OKActions } of alarms()) {
      expect(AlarmActions).toHaveLength(1);
      expect(OKActions).toEqual(AlarmActions);
    }
  });

  it('each have a line in the operations manual, and it names no other', () => {
    const manual = readFileSync(join(INFRA, '..', 'docs', 'operations.md'), 'utf8');
    const described = [...manual.matchAll(/^\| `posthorn-([\w-]+)`/gm)].map(([, name]) => `posthorn-${name}`);
    expect(described.sort()).toEqual(
      alarms()
        .map(({ AlarmName }) => AlarmName)
        .sort(),
    );
  });

  it.each(['blue', 'green'])('look at the target group %s', (colour) => {
    const group = `Traffic${colour === 'blue' ? 'Blue' : 'Green'}`;
    expect(named(`release-${colour}-unhealthy`)).toMatchObject({
      MetricName: 'UnHealthyHostCount',
      TreatMissingData: 'notBreaching',
    });
    expect(textOf(named(`release-${colour}-unhealthy`).Dimensions)).toContain(group);
    expect(textOf(named(`release-${colour}-5xx`).Metrics)).toMatch(
      new RegExp(`HTTPCode_Target_5XX_Count.*${group}|${group}.*HTTPCode_Target_5XX_Count`),
    );
    expect(named(`release-${colour}-latency`)).toMatchObject({ MetricName: 'TargetResponseTime', ExtendedStatistic: 'p95' });
  });

  it('about an expression with FILL leave a minute out: FILL makes a value for the youngest, whose metric comes later', () => {
    const all = Object.values(resourcesOf(templateOf(EVERYTHING), 'AWS::CloudWatch::Alarm')).map(({ Properties }) => Properties);
    const filled = all.filter(
      ({ AlarmName, Metrics = [] }) => AlarmName && Metrics.some((one: any) => /FILL/.test(one.Expression)),
    );
    expect(filled.length).toBeGreaterThan(3);
    for (const { AlarmName, DatapointsToAlarm, EvaluationPeriods } of filled)
      expect([AlarmName, DatapointsToAlarm < EvaluationPeriods]).toEqual([AlarmName, true]);
  });

  it('about a percentile stay as they are while there are too few samples for one', () => {
    const all = Object.values(resourcesOf(templateOf(EVERYTHING), 'AWS::CloudWatch::Alarm')).map(({ Properties }) => Properties);
    const statistics = ({ ExtendedStatistic, Metrics }: any): string[] => [
      ExtendedStatistic ?? '',
      ...(Metrics ?? []).map(({ MetricStat }: any) => MetricStat?.Stat ?? ''),
    ];
    const ofPercentiles = all.filter((alarm) => statistics(alarm).some((statistic) => /^p\d/.test(statistic)));
    expect(ofPercentiles.length).toBeGreaterThan(1);
    for (const { AlarmName, EvaluateLowSampleCountPercentile } of ofPercentiles)
      expect([AlarmName, EvaluateLowSampleCountPercentile]).toEqual([AlarmName, 'ignore']);
  });

  it.each([
    ['running-tasks', 'RunningTaskCount', 'ECS/ContainerInsights'],
    ['dead-letters', 'ApproximateNumberOfMessagesVisible', 'AWS/SQS'],
    ['oldest-message', 'ApproximateAgeOfOldestMessage', 'AWS/SQS'],
    ['due-lag', 'dueLagSeconds', 'Posthorn'],
    ['dependency-database', 'dependencyUpDatabase', 'Posthorn'],
    ['dependency-cache', 'dependencyUpCache', 'Posthorn'],
    ['dependency-queue', 'dependencyUpQueue', 'Posthorn'],
    ['load-balancer-5xx', 'HTTPCode_ELB_5XX_Count', 'AWS/ApplicationELB'],
  ])('%s looks at %s of %s', (name, MetricName, Namespace) => {
    expect(named(name)).toMatchObject({ MetricName, Namespace });
  });

  it('about our own metrics look where the app writes them', () => {
    const emf = readFileSync(join(INFRA, '..', 'src', 'observability', 'emf.ts'), 'utf8');
    expect(emf).toContain(`NAMESPACE = 'Posthorn'`);
    expect(emf).toContain(`DIMENSION = 'service'`);
    expect(named('due-lag').Dimensions).toEqual([{ Name: 'service', Value: 'posthorn' }]);
  });
});

describe('the alarm about functions', () => {
  it('sums the errors of every function of the release, and takes none back', () => {
    const ours = Object.entries(resourcesOf(templateOf(), 'AWS::Lambda::Function')).filter(
      ([, { Properties }]) => Properties.FunctionName,
    );
    expect(ours).toHaveLength(5);
    const { Metrics, Threshold, DatapointsToAlarm, EvaluationPeriods } = named('functions');
    // One is too many. It counts for the minute in which the call began, and a call takes up to 15.
    expect([Threshold, DatapointsToAlarm, EvaluationPeriods]).toEqual([1, 1, 15]);
    const summed = Metrics.filter(({ MetricStat }: any) => MetricStat).map(({ Id, MetricStat: { Metric, Stat } }: any) => {
      expect([Metric.Namespace, Metric.MetricName, Stat]).toEqual(['AWS/Lambda', 'Errors', 'Sum']);
      expect(Metrics.find(({ Expression }: any) => Expression).Expression).toContain(`FILL(${Id}, 0)`);
      return Metric.Dimensions[0].Value.Ref;
    });
    expect(summed.sort()).toEqual(ours.map(([id]) => id).sort());
    const stopping = only(templateOf(), 'AWS::CodeDeploy::DeploymentGroup').Properties.AlarmConfiguration.Alarms;
    expect(textOf(stopping)).not.toContain('FunctionAlarm');
  });
});

describe('logs', () => {
  it('all have a retention', () => {
    const groups = Object.values(resourcesOf(templateOf(), 'AWS::Logs::LogGroup'));
    expect(groups.length).toBeGreaterThan(8);
    for (const { Properties } of groups) expect(Properties.RetentionInDays).toBeGreaterThan(0);
  });

  it('of the app go where the task definition says', () => {
    expect(
      only(templateOf(), 'AWS::Logs::LogGroup', ({ LogGroupName }) => LogGroupName === '/posthorn/app').Properties
        .RetentionInDays,
    ).toBe(30);
  });
});

describe('dashboard', () => {
  it('shows both colours, the queue, the tasks, the database and the cache', () => {
    const body = textOf(only(templateOf(), 'AWS::CloudWatch::Dashboard').Properties.DashboardBody);
    for (const part of [
      'TrafficBlue',
      'TrafficGreen',
      'RequestCount',
      'dueLagSeconds',
      'RunningTaskCount',
      'DatabaseConnections',
      'ElastiCache',
      'ApproximateNumberOfMessagesVisibleInQuietGroups',
    ])
      expect(body).toContain(part);
  });
});

describe('notifications', () => {
  it('warns at the synthesis when nobody gets them', () => {
    const warned = (context: Record<string, string>) => {
      const { pipeline, environments } = stacksOf(context);
      return [pipeline, ...environments.map(({ service }) => service)].map(
        (stack) => Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('alarmEmail')).length,
      );
    };
    expect(warned({})).toEqual([1, 1]);
    expect(warned({ alarmEmail: 'ops@example.com' })).toEqual([0, 0]);
  });

  it('tell of failed pipelines and deployments, by mail if there is an address', () => {
    const rules = textOf(resourcesOf(templateOf(), 'AWS::Events::Rule'));
    expect(rules).toContain('CodePipeline Pipeline Execution State Change');
    expect(rules).toContain('CodeDeploy Deployment State-change Notification');
    const subscriptions = Object.values(resourcesOf(templateOf({ alarmEmail: 'ops@example.com' }), 'AWS::SNS::Subscription'));
    expect(subscriptions.map(({ Properties }) => Properties.Endpoint)).toEqual(['ops@example.com', 'ops@example.com']);
  });
});
