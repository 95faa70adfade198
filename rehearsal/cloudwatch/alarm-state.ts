/** A data point against the threshold: breaching or not; null is missing. */
export type Judged = boolean | null;

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

export interface AlarmRule {
  evaluationPeriods: number;
  datapointsToAlarm: number;
  treatMissingData: 'missing' | 'ignore' | 'breaching' | 'notBreaching';
}

/**
 * How many data points an evaluation looks at beyond its periods.
 * Assumption: two, as in the examples of https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html, which
 * names no rule. With more, an alarm stays on for longer after its metric has stopped.
 */
export const EXTRA_POINTS = 2;

/**
 * The state that data points lead to, the oldest first; null keeps the state.
 *
 * Enough real points: the youngest of them count, and missing ones don't matter. Fewer: missing ones are filled in, as few as possible.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 */
export function stateAfter(points: readonly Judged[], rule: AlarmRule): AlarmState | null {
  const { evaluationPeriods, datapointsToAlarm, treatMissingData: treatment } = rule;
  const real = points.filter((point) => point !== null);
  const breaching = real.slice(-evaluationPeriods).filter(Boolean).length;
  if (breaching >= datapointsToAlarm) return 'ALARM';
  const missing = evaluationPeriods - real.length;
  if (missing <= 0 || treatment === 'notBreaching') return 'OK';
  if (treatment === 'breaching') return breaching + missing >= datapointsToAlarm ? 'ALARM' : 'OK';
  if (real.includes(false)) return 'OK';
  if (treatment === 'ignore') return null;
  return isOldBreach(points, datapointsToAlarm) ? 'ALARM' : 'INSUFFICIENT_DATA';
}

/**
 * All that is there is bad, but there is too little of it. It counts once its oldest point is old enough; before, the next point may be good.
 * Same page, "Avoiding premature transitions to alarm state".
 */
function isOldBreach(points: readonly Judged[], datapointsToAlarm: number): boolean {
  const oldest = points.indexOf(true);
  return oldest >= 0 && points.length - oldest >= datapointsToAlarm;
}
