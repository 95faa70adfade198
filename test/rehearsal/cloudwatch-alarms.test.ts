import { describe, expect, it } from '@jest/globals';
import { MetricAlarms } from '../../rehearsal/cloudwatch/alarms.js';
import { Metrics, type MetricSettings } from '../../rehearsal/cloudwatch/metrics.js';
import { until } from '../support/until.js';
import { clockOf, FakeJournal } from './codedeploy-stage.js';

const DIMENSIONS = { TargetGroup: 'targetgroup/posthorn-blue/6d0ecf831eec9f09', LoadBalancer: 'app/posthorn/50dc6c495c0c9188' };
const asList = (dimensions: Record<string, string>) => Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
const of = (name: string) => ({ namespace: 'AWS/ApplicationELB', name, dimensions: DIMENSIONS });
const stat = (MetricName: string, Stat: string, dimensions: Record<string, string> = DIMENSIONS) => ({
  Metric: { Namespace: 'AWS/ApplicationELB', MetricName, Dimensions: asList(dimensions) },
  Period: 60,
  Stat,
});
const common = { EvaluationPeriods: 2, DatapointsToAlarm: 2, TreatMissingData: 'notBreaching' };

/** The three alarms of a target group, in the forms in which the CDK writes them. */
const UNHEALTHY = {
  ...common,
  AlarmName: 'unhealthy',
  Namespace: 'AWS/ApplicationELB',
  MetricName: 'UnHealthyHostCount',
  Dimensions: asList(DIMENSIONS),
  Period: 60,
  Statistic: 'Maximum',
  ComparisonOperator: 'GreaterThanOrEqualToThreshold',
  Threshold: 1,
};
const ERRORS = {
  ...common,
  AlarmName: '5xx',
  ComparisonOperator: 'GreaterThanThreshold',
  Threshold: 5,
  Metrics: [
    { Id: 'expr_1', Expression: 'IF(FILL(errors, 0) >= 5, 100 * errors / requests, 0)', Label: 'blue: errors, %' },
    { Id: 'errors', MetricStat: stat('HTTPCode_Target_5XX_Count', 'Sum'), ReturnData: false },
    { Id: 'requests', MetricStat: stat('RequestCount', 'Sum'), ReturnData: false },
  ],
};
const LATENCY = {
  ...common,
  AlarmName: 'latency',
  Namespace: 'AWS/ApplicationELB',
  MetricName: 'TargetResponseTime',
  Dimensions: asList(DIMENSIONS),
  Period: 60,
  ExtendedStatistic: 'p95',
  ComparisonOperator: 'GreaterThanThreshold',
  Threshold: 1,
  EvaluateLowSampleCountPercentile: 'ignore',
};

/** A clock that stands until the minute is set; a minute has 1000 ms. */
function stage(alarms: object[], settings: Partial<MetricSettings> & { extraPoints?: number } = {}) {
  let time = 0;
  const clock = { now: () => time, minutes: (ms: number) => ms / 60, seconds: (ms: number) => ms };
  const metrics = new Metrics(clock, settings);
  const journal = new FakeJournal();
  const made = new MetricAlarms(alarms, {
    metrics,
    clock,
    journal,
    ...(settings.extraPoints === undefined ? {} : { extraPoints: settings.extraPoints }),
  });
  /** Plays one minute: puts the values, and evaluates at its end. Answers the state of the first alarm. */
  const minute = (values: Record<string, number[]>) => {
    for (const [name, all] of Object.entries(values)) for (const value of all) metrics.put({ ...of(name), value });
    time += 1_000;
    made.evaluate();
    return made.list()[0]!.state;
  };
  return { made, minute, journal, metrics };
}

const times = (count: number, value: number) => Array.from({ length: count }, () => value);

describe('an alarm of one metric', () => {
  it('has too little data until the first period is over', () => {
    expect(stage([UNHEALTHY]).made.states(['unhealthy'])).toEqual([{ name: 'unhealthy', state: 'INSUFFICIENT_DATA' }]);
  });

  it('is on after two bad minutes in a row, and off after a good one', () => {
    const { minute } = stage([UNHEALTHY]);
    const states = [0, 1, 0, 1, 1, 0].map((hosts) => minute({ UnHealthyHostCount: [0, hosts] }));
    expect(states).toEqual(['OK', 'OK', 'OK', 'OK', 'ALARM', 'OK']);
  });

  it('stays on while no data comes after bad data, and is off once that is too old', () => {
    const { minute } = stage([UNHEALTHY]);
    const states = [[1], [1], [], [], []].map((hosts) => minute({ UnHealthyHostCount: hosts }));
    expect(states).toEqual(['OK', 'ALARM', 'ALARM', 'ALARM', 'OK']);
  });

  it('stays on for longer if it looks further back', () => {
    const { minute } = stage([UNHEALTHY], { extraPoints: 3 });
    const states = [[1], [1], [], [], []].map((hosts) => minute({ UnHealthyHostCount: hosts }));
    expect(states).toEqual(['OK', 'ALARM', 'ALARM', 'ALARM', 'ALARM']);
  });

  it('writes its changes down', () => {
    const { minute, journal } = stage([UNHEALTHY]);
    minute({ UnHealthyHostCount: [2] });
    minute({ UnHealthyHostCount: [2] });
    expect(journal.entries.map(({ subject, facts }) => [subject, facts.from, facts.to])).toEqual([
      ['unhealthy', 'INSUFFICIENT_DATA', 'OK'],
      ['unhealthy', 'OK', 'ALARM'],
    ]);
  });

  it.each([
    ['missing', 'INSUFFICIENT_DATA'],
    ['breaching', 'ALARM'],
    ['notBreaching', 'OK'],
  ])('with a wrong dimension never gets data: treated as %s it is %s', (TreatMissingData, state) => {
    const wrong = { ...UNHEALTHY, TreatMissingData, Dimensions: asList({ ...DIMENSIONS, TargetGroup: 'posthorn-blue' }) };
    const { minute } = stage([wrong]);
    minute({ UnHealthyHostCount: [5] });
    expect(minute({ UnHealthyHostCount: [5] })).toBe(state);
  });

  it('can be set by hand until the next minute', () => {
    const { made, minute } = stage([UNHEALTHY]);
    made.set('unhealthy', 'ALARM', 'by hand');
    expect(made.states(['unhealthy'])[0]!.state).toBe('ALARM');
    expect(minute({})).toBe('OK');
  });
});

describe('an alarm of an expression', () => {
  it('is on when more than 5 % of the answers are errors for two minutes', () => {
    const { minute } = stage([ERRORS]);
    const bad = { HTTPCode_Target_5XX_Count: times(6, 1), RequestCount: times(100, 1) };
    expect([minute(bad), minute(bad), minute({ RequestCount: [1] })]).toEqual(['OK', 'ALARM', 'OK']);
  });

  it('is off with few errors a minute, unless a datum stands for several', () => {
    const bad = { HTTPCode_Target_5XX_Count: times(2, 1), RequestCount: times(4, 1) };
    const [plain, weighted] = [stage([ERRORS]), stage([ERRORS], { weight: 60 })];
    expect([plain.minute(bad), plain.minute(bad)]).toEqual(['OK', 'OK']);
    expect([weighted.minute(bad), weighted.minute(bad)]).toEqual(['OK', 'ALARM']);
  });

  it('is never on if data is a minute late, since FILL fills in the youngest minute', () => {
    const { minute } = stage([ERRORS], { lateMinutes: 1 });
    const bad = { HTTPCode_Target_5XX_Count: times(50, 1), RequestCount: times(100, 1) };
    expect(new Set(Array.from({ length: 6 }, () => minute(bad)))).toEqual(new Set(['OK']));
  });

  it('tells which of its metrics never had data, since FILL hides it', () => {
    const wrong = {
      ...ERRORS,
      Metrics: [ERRORS.Metrics[0], { Id: 'errors', MetricStat: stat('Typo', 'Sum'), ReturnData: false }, ERRORS.Metrics[2]],
    };
    const { made, minute } = stage([wrong]);
    expect(minute({ RequestCount: [1] })).toBe('OK');
    expect(made.withoutData()).toEqual([{ alarm: '5xx', metric: of('Typo') }]);
  });
});

describe('an alarm of a percentile', () => {
  it('is on with enough slow answers', () => {
    const { minute } = stage([LATENCY]);
    const slow = { TargetResponseTime: [...times(180, 0.1), ...times(20, 3)] };
    expect([minute(slow), minute(slow)]).toEqual(['OK', 'ALARM']);
  });

  it('keeps its state while there are fewer than 10 / (1 - 0.95) of them', () => {
    const { minute } = stage([LATENCY]);
    const few = { TargetResponseTime: times(199, 3) };
    expect([minute(few), minute(few)]).toEqual(['INSUFFICIENT_DATA', 'INSUFFICIENT_DATA']);
  });
});

describe('alarms', () => {
  it.each<[string, object]>([
    ['LessThanLowerThreshold', { ComparisonOperator: 'LessThanLowerThreshold' }],
    ['tm90', { ExtendedStatistic: 'tm90', Statistic: undefined }],
    ['periods of 10 s', { Period: 10 }],
    ['sometimes', { TreatMissingData: 'sometimes' }],
    ['neither', { MetricName: undefined }],
    ['no AlarmName', { AlarmName: undefined }],
    [
      'RATE',
      {
        Metrics: [
          { Id: 'e', Expression: 'RATE(a)' },
          { Id: 'a', MetricStat: stat('A', 'Sum'), ReturnData: false },
        ],
      },
    ],
    [
      '2 metrics that return data',
      {
        Metrics: [
          { Id: 'a', MetricStat: stat('A', 'Sum') },
          { Id: 'b', MetricStat: stat('B', 'Sum') },
        ],
      },
    ],
  ])('are not made with what is not known: %s', (message, change) => {
    expect(() => stage([{ ...UNHEALTHY, ...change }])).toThrow(message);
  });

  it('throw if one is asked for that is not there', () => {
    expect(() => stage([UNHEALTHY]).made.states(['unhealthy', 'another'])).toThrow('another');
  });

  it('throw while nobody can ask CloudWatch', () => {
    const { made } = stage([UNHEALTHY]);
    made.unreadable = true;
    expect(() => made.states(['unhealthy'])).toThrow('does not answer');
  });

  it('look at the end of each minute by themselves, until they are stopped', async () => {
    const clock = clockOf(20);
    const metrics = new Metrics(clock);
    const alarms = new MetricAlarms([UNHEALTHY], { metrics, clock, journal: new FakeJournal() });
    alarms.start();
    const beat = setInterval(() => metrics.put({ ...of('UnHealthyHostCount'), value: 1 }), 5);
    await until(() => alarms.list()[0]!.state === 'ALARM', 5_000, 'the alarm');
    clearInterval(beat);
    alarms.stop();
  });
});
