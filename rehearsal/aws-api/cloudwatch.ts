import type { AlarmState } from '../cloudwatch/alarm-state.js';
import type { MetricAlarms } from '../cloudwatch/alarms.js';
import type { MetricId, Metrics } from '../cloudwatch/metrics.js';
import { AwsError } from './aws-error.js';
import { epoch, type ApiService } from './service.js';

const MINUTE_S = 60;

export interface CloudWatchParts {
  metrics: Metrics;
  alarms: MetricAlarms;
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_Operations.html. The installed client speaks JSON. */
export function cloudWatchService({ metrics, alarms }: CloudWatchParts): ApiService {
  return {
    name: 'CloudWatch',
    source: 'cloudwatch',
    key: 'GraniteServiceVersion20100801',
    actions: {
      PutMetricData: (input) => put(metrics, input),
      GetMetricData: (input) => get(metrics, input),
      DescribeAlarms: (input) => describeAlarms(alarms, input),
      SetAlarmState: ({ AlarmName, StateValue, StateReason }) => {
        if (!alarms.list().some(({ name }) => name === AlarmName))
          throw new AwsError('ResourceNotFound', `There is no ${AlarmName}`, 404);
        alarms.set(AlarmName, StateValue as AlarmState, String(StateReason));
        return {};
      },
    },
  };
}

/** Times of datums don't count: see Metrics.put. A value that was seen several times is put as often. */
function put(metrics: Metrics, { Namespace, MetricData = [] }: Record<string, any>): object {
  for (const { MetricName, Dimensions, Value, Values, Counts, StatisticValues } of MetricData) {
    if (StatisticValues) throw new AwsError('InvalidParameterValue', 'The rehearsal takes no StatisticValues');
    const metric = metricOf({ Namespace, MetricName, Dimensions });
    const values: number[] = Values ?? [Value];
    for (const [at, value] of values.entries())
      for (let times = Counts?.[at] ?? 1; times > 0; times--) metrics.put({ ...metric, value });
  }
  return {};
}

/**
 * A minute before now is a shortened minute before now: the caller's clock is not shortened. Data points have the times that the caller
 * expects. Expressions are not modelled.
 */
function get(metrics: Metrics, { MetricDataQueries = [], StartTime, EndTime }: Record<string, any>): object {
  const now = Date.now() / 1_000;
  const periodAt = (time: number) => metrics.current + Math.floor((time - now) / MINUTE_S) + 1;
  return {
    MetricDataResults: MetricDataQueries.map(({ Id, MetricStat, Expression }: Record<string, any>) => {
      if (Expression) throw new AwsError('ValidationError', 'The rehearsal models no expressions in GetMetricData');
      const minutes = Number(MetricStat.Period) / MINUTE_S;
      const [from, end] = [periodAt(StartTime), periodAt(EndTime)];
      const count = Math.max(0, Math.floor((end - from) / minutes));
      const series = metrics.series(metricOf(MetricStat.Metric), MetricStat.Stat, { end, count, minutes });
      const points = series.flatMap((point, at) =>
        point ? [{ value: point.value, time: StartTime + at * MetricStat.Period }] : [],
      );
      // The youngest first, as without ScanBy.
      points.reverse();
      return { Id, StatusCode: 'Complete', Timestamps: points.map(({ time }) => time), Values: points.map(({ value }) => value) };
    }),
  };
}

function describeAlarms(alarms: MetricAlarms, { AlarmNames, StateValue }: Record<string, any>): object {
  if (alarms.unreadable) throw new AwsError('InternalServiceFault', 'The rehearsal lets CloudWatch fail', 500);
  const wanted = alarms
    .list()
    .filter(({ name, state }) => (!AlarmNames || AlarmNames.includes(name)) && (!StateValue || StateValue === state));
  return {
    MetricAlarms: wanted.map(({ name, state, reason, updatedAt }) => ({
      AlarmName: name,
      StateValue: state,
      StateReason: reason,
      StateUpdatedTimestamp: epoch(updatedAt),
    })),
    CompositeAlarms: [],
  };
}

function metricOf({ Namespace, MetricName, Dimensions = [] }: Record<string, any>): MetricId {
  const dimensions = (Dimensions as { Name: string; Value: string }[]).map(({ Name, Value }) => [Name, Value]);
  return { namespace: Namespace, name: MetricName, dimensions: Object.fromEntries(dimensions) };
}
