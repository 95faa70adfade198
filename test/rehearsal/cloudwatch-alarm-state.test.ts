import { describe, expect, it } from '@jest/globals';
import { EXTRA_POINTS, stateAfter, type AlarmRule } from '../../rehearsal/cloudwatch/alarm-state.js';

/** Oldest first: 0 is within the threshold, X breaches it, - is missing. */
const pointsOf = (text: string) => text.split(' ').map((mark) => (mark === '-' ? null : mark === 'X'));
const TREATMENTS = ['missing', 'ignore', 'breaching', 'notBreaching'] as const;
const INSUFFICIENT = 'INSUFFICIENT_DATA';
const RETAINED = null;

type Row = [string, ...(string | null)[]];

/** The first two tables of https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html, and its older rows. */
const THREE_OF_THREE: Row[] = [
  ['0 - X - X', 'OK', 'OK', 'OK', 'OK'],
  ['0 - - - -', 'OK', 'OK', 'OK', 'OK'],
  ['- - - - -', INSUFFICIENT, RETAINED, 'ALARM', 'OK'],
  ['0 X X - X', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
  ['- - X - -', 'ALARM', RETAINED, 'ALARM', 'OK'],
  ['- - - - X', INSUFFICIENT, RETAINED, 'ALARM', 'OK'],
  ['X - - - -', 'ALARM', RETAINED, 'ALARM', 'OK'],
];
const TWO_OF_THREE: Row[] = [
  ['0 - X - X', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
  ['0 0 X 0 X', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
  ['0 - X - -', 'OK', 'OK', 'ALARM', 'OK'],
  ['- - - - 0', 'OK', 'OK', 'ALARM', 'OK'],
  ['- - - X -', 'ALARM', RETAINED, 'ALARM', 'OK'],
  ['- - - - X', INSUFFICIENT, RETAINED, 'ALARM', 'OK'],
];

function states(text: string, rule: Omit<AlarmRule, 'treatMissingData'>) {
  return TREATMENTS.map((treatMissingData) => stateAfter(pointsOf(text), { ...rule, treatMissingData }));
}

describe("an alarm's state, in the documentation's tables", () => {
  it.each(THREE_OF_THREE)('with 3 out of 3, after %s', (points, ...expected) => {
    expect(states(points, { evaluationPeriods: 3, datapointsToAlarm: 3 })).toEqual(expected);
  });

  it.each(TWO_OF_THREE)('with 2 out of 3, after %s', (points, ...expected) => {
    expect(states(points, { evaluationPeriods: 3, datapointsToAlarm: 2 })).toEqual(expected);
  });

  it('comes from five data points for three periods', () => {
    expect(3 + EXTRA_POINTS).toBe(pointsOf('0 - X - X').length);
  });
});

describe('an alarm of one period', () => {
  const rule = { evaluationPeriods: 1, datapointsToAlarm: 1 };

  it.each<Row>([
    ['0 0 X', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
    ['X X 0', 'OK', 'OK', 'OK', 'OK'],
    ['- - -', INSUFFICIENT, RETAINED, 'ALARM', 'OK'],
    ['- - X', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
  ])('after %s', (points, ...expected) => {
    expect(states(points, rule)).toEqual(expected);
  });
});
