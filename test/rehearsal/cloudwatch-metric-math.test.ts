import { describe, expect, it } from '@jest/globals';
import { evaluate, type Series } from '../../rehearsal/cloudwatch/metric-math.js';

const over = (metrics: Record<string, Series>) => (expression: string) => evaluate(expression, new Map(Object.entries(metrics)));

describe('metric math', () => {
  const math = over({ a: [1, 2, null, null], b: [10, null, 30, null] });

  it.each<[string, Series]>([
    ['a + b', [11, 2, 30, null]],
    ['b - a', [9, -2, 30, null]],
    ['2 * a', [2, 4, null, null]],
    ['b / a', [10, 0, null, null]],
    ['-a + 1', [0, -1, null, null]],
    ['1 + 2 * a', [3, 5, null, null]],
    ['(1 + 2) * a', [3, 6, null, null]],
    ['10 - a - 1', [8, 7, null, null]],
  ])('calculates %s: what is missing in one of two series is 0, and a division by zero has no result', (expression, result) => {
    expect(math(expression)).toEqual(result);
  });

  it.each<[string, Series]>([
    ['FILL(a, 0)', [1, 2, 0, 0]],
    ['FILL(a, 0) + FILL(b, 0)', [11, 2, 30, 0]],
    ['SUM([a, b])', [11, 2, 30, null]],
    ['SUM(METRICS())', [11, 2, 30, null]],
    ['SUM(METRICS("b"))', [10, null, 30, null]],
    ['AVG([a, b])', [5.5, 1, 15, null]],
    ['MAX([a, b])', [10, 2, 30, null]],
    ['MIN([a, b])', [1, 2, 30, null]],
    ['a / SUM(a)', [1 / 3, 2 / 3, null, null]],
    ['ABS(-a)', [1, 2, null, null]],
    ['CEIL(a / 2)', [1, 1, null, null]],
    ['FLOOR(a / 2)', [0, 1, null, null]],
  ])('knows %s', (expression, result) => {
    expect(math(expression)).toEqual(result);
  });

  it.each([
    ['RATE(a)', 'RATE'],
    ['SEARCH("x", "Sum")', 'SEARCH'],
    ['FILL(a, REPEAT)', 'REPEAT'],
    ['a ^ 2', '^'],
    ['a + c', 'c, which is none of its metrics'],
    ['a +', 'ends too early'],
    ['(a', 'ends too early'],
    ['a b', 'at b'],
    ['5', 'no single time series'],
    ['SUM(a)', 'no single time series'],
    ['METRICS()', 'no single time series'],
    ['constructor(a)', 'constructor'],
  ])('says what it does not know of %s', (expression, message) => {
    expect(() => math(expression)).toThrow(message);
  });
});

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html */
describe("metric math, in the documentation's examples", () => {
  it.each<[string, Series]>([
    ['(metric1 < metric2)', [0, 0, 1, 0]],
    ['(metric1 >= 30)', [1, 0, 0, 0]],
    ['(metric1 > 15 AND metric2 > 15)', [1, 0, 0, 0]],
    ['(metric1 > 15 && metric2 > 15)', [1, 0, 0, 0]],
  ])('compares: %s', (expression, result) => {
    expect(over({ metric1: [30, 20, 0, 0], metric2: [20, null, 20, null] })(expression)).toEqual(result);
  });

  it.each<[string, Series]>([
    ['IF(metric1, metric2, metric3)', [30, 0, 20, null, null]],
    ['IF(metric1, 5, metric3)', [5, 5, 20, null, null]],
    ['IF(metric1, metric2, 5)', [30, 0, 5, 5, null]],
    ['IF(metric1, metric2)', [30, 0, null, null, null]],
    ['IF(1, metric2, metric3)', [30, null, 0, 0, 30]],
    ['IF(0, metric2, metric3)', [0, 0, 20, null, 20]],
  ])('chooses: %s', (expression, result) => {
    const metrics = { metric1: [1, 1, 0, 0, null], metric2: [30, null, 0, 0, 30], metric3: [0, 0, 20, null, 20] };
    expect(over(metrics)(expression)).toEqual(result);
  });
});

describe('the share of errors, as the alarms of a release calculate it', () => {
  const expression = 'IF(FILL(errors, 0) >= 5, 100 * errors / requests, 0)';

  it.each<[string, number | null, number | null, number]>([
    ['10 of 100', 10, 100, 10],
    ['fewer than five', 4, 4, 0],
    ['none, and requests', null, 100, 0],
    ['no traffic', null, null, 0],
  ])('is right with %s', (_what, errors, requests, percent) => {
    expect(
      evaluate(
        expression,
        new Map([
          ['errors', [errors]],
          ['requests', [requests]],
        ]),
      ),
    ).toEqual([percent]);
  });
});
