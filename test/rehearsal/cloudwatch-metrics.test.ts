import { describe, expect, it } from '@jest/globals';
import { datumsOf } from '../../rehearsal/cloudwatch/emf.js';
import { Metrics, type MetricSettings } from '../../rehearsal/cloudwatch/metrics.js';
import { emfFields } from '../../src/observability/emf.js';

const METRIC = { namespace: 'Posthorn', name: 'dueLagSeconds', dimensions: { service: 'posthorn', zone: 'a' } };

/** A clock that stands until it is set; a minute has 1000 ms. */
function stage(settings: Partial<MetricSettings> = {}) {
  let time = 0;
  const clock = { now: () => time, minutes: (ms: number) => ms / 60, seconds: (ms: number) => ms };
  const metrics = new Metrics(clock, settings);
  const put = (at: number, ...values: number[]) => {
    time = at;
    for (const value of values) metrics.put({ ...METRIC, value });
  };
  const valuesOf = (statistic: string, end = 3, minutes = 1) =>
    metrics.series(METRIC, statistic, { end, count: 3, minutes }).map((point) => point && point.value);
  return { metrics, put, valuesOf };
}

describe('metrics', () => {
  it.each<[string, (number | null)[]]>([
    ['Sum', [3, null, 30]],
    ['SampleCount', [2, null, 1]],
    ['Average', [1.5, null, 30]],
    ['Minimum', [1, null, 30]],
    ['Maximum', [2, null, 30]],
  ])('have %s in periods of a shortened minute', (statistic, values) => {
    const { put, valuesOf } = stage();
    put(0, 1);
    put(999, 2);
    put(2_000, 30);
    expect(valuesOf(statistic)).toEqual(values);
  });

  it.each([
    ['p50', 50],
    ['p95', 95],
    ['p99.9', 100],
    ['p100', 100],
  ])('have %s', (statistic, value) => {
    const { put, valuesOf } = stage();
    put(0, ...Array.from({ length: 100 }, (_none, at) => 100 - at));
    expect(valuesOf(statistic, 1)[2]).toBe(value);
  });

  it('are put together over several minutes', () => {
    const { put, valuesOf } = stage();
    for (const minute of [0, 1, 2, 3, 4, 5]) put(minute * 1_000, minute);
    expect(valuesOf('Sum', 6, 2)).toEqual([1, 5, 9]);
  });

  it('are found by exactly their dimensions, in any order', () => {
    const { metrics, put } = stage();
    put(0, 1);
    expect(metrics.has({ ...METRIC, dimensions: { zone: 'a', service: 'posthorn' } })).toBe(true);
    expect(metrics.has({ ...METRIC, dimensions: { service: 'posthorn' } })).toBe(false);
    expect(metrics.has({ ...METRIC, dimensions: { service: 'posthorn', zone: 'b' } })).toBe(false);
    expect(metrics.has({ ...METRIC, name: 'dueLag' })).toBe(false);
  });

  it('count each datum for several in sums and counts, if they are told to', () => {
    const { put, valuesOf } = stage({ weight: 60 });
    put(0, 1, 2);
    expect(['Sum', 'SampleCount', 'Average', 'Maximum'].map((statistic) => valuesOf(statistic, 1)[2])).toEqual([
      180, 120, 1.5, 2,
    ]);
  });

  it('are not seen for a while, if they are late', () => {
    const { put, valuesOf } = stage({ lateMinutes: 1 });
    put(0, 1);
    put(1_000, 2);
    put(2_000, 3);
    expect(valuesOf('Sum', 2)).toEqual([null, 1, null]);
  });

  it('refuse a statistic that they do not know', () => {
    expect(() => stage().valuesOf('tm90')).toThrow('tm90');
  });
});

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html */
describe('embedded metrics', () => {
  const directive = { Namespace: 'N', Dimensions: [['service'], ['service', 'zone']], Metrics: [{ Name: 'm', Unit: 'Count' }] };
  const line = (root: object, more = {}) =>
    JSON.stringify({ _aws: { Timestamp: 1, CloudWatchMetrics: [{ ...directive, ...more }] }, service: 's', zone: 'z', ...root });

  it("are read from a line of the app's own log", () => {
    const metrics = [
      { name: 'messagesAccepted', unit: 'Count', value: 7 },
      { name: 'dueLagSeconds', unit: 'Seconds', value: [0.5, 1] },
    ] as const;
    const text = JSON.stringify({
      level: 30,
      service: 'posthorn',
      ...emfFields(
        metrics.map((one) => ({ ...one, value: one.value as number | number[] })),
        1,
      ),
      msg: 'metrics',
    });
    const of = (name: string, value: number) => ({ namespace: 'Posthorn', name, dimensions: { service: 'posthorn' }, value });
    expect(datumsOf(text)).toEqual([of('messagesAccepted', 7), of('dueLagSeconds', 0.5), of('dueLagSeconds', 1)]);
  });

  it('have a datum in each set of dimensions', () => {
    expect(datumsOf(line({ m: 1 })).map(({ dimensions }) => dimensions)).toEqual([{ service: 's' }, { service: 's', zone: 'z' }]);
  });

  it.each<[string, string]>([
    ['a line that is no JSON', 'Error: "CloudWatchMetrics"'],
    ['a line without metrics', '{"level":30,"msg":"started"}'],
    ['a metric without a value', line({})],
    ['a metric whose value is no number', line({ m: 'many' })],
    ['more values than are allowed', line({ m: Array.from({ length: 101 }, () => 1) })],
    ['dimensions that the line does not have', line({ m: 1 }, { Dimensions: [['host']] })],
    ['a directive without a namespace', line({ m: 1 }, { Namespace: undefined })],
  ])('are not in %s', (_what, text) => {
    expect(datumsOf(text)).toEqual([]);
  });
});
