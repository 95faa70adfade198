import type { AlarmRule } from './alarm-state.js';
import type { MetricId } from './metrics.js';

/** Properties of AWS::CloudWatch::Alarm, resolved. */
export type AlarmProperties = Record<string, any>;

/** A metric or an expression over others, by its id. */
export type Query = { id: string; metric: MetricId; statistic: string } | { id: string; expression: string };

export interface AlarmDefinition {
  name: string;
  queries: Query[];
  /** The id whose values are compared. */
  watched: string;
  /** Length of a data point, in minutes. */
  minutes: number;
  rule: AlarmRule;
  threshold: number;
  isBreaching: (value: number) => boolean;
  /** A percentile of too few samples leaves the alarm's state as it is. */
  ignoresLowSamples: boolean;
}

const COMPARISONS: Record<string, (value: number, threshold: number) => boolean> = {
  GreaterThanThreshold: (value, threshold) => value > threshold,
  GreaterThanOrEqualToThreshold: (value, threshold) => value >= threshold,
  LessThanThreshold: (value, threshold) => value < threshold,
  LessThanOrEqualToThreshold: (value, threshold) => value <= threshold,
};
const TREATMENTS = ['missing', 'ignore', 'breaching', 'notBreaching'] as const;
const MINUTE_S = 60;

/**
 * Reads an alarm of one metric, or of metrics and an expression.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudwatch-alarm.html
 *
 * @throws Error that names the alarm and what the rehearsal does not know of it
 */
export function definitionOf(properties: AlarmProperties): AlarmDefinition {
  const {
    AlarmName,
    ComparisonOperator,
    Threshold,
    EvaluationPeriods,
    DatapointsToAlarm,
    TreatMissingData = 'missing',
  } = properties;
  const name = String(AlarmName ?? '');
  const unknown = (what: string) =>
    new Error(`The alarm ${name || 'without a name'} has ${what}, which the rehearsal does not know.`);
  const compare = COMPARISONS[ComparisonOperator];
  if (!name) throw unknown('no AlarmName');
  if (!compare) throw unknown(`the comparison ${ComparisonOperator}`);
  if (typeof Threshold !== 'number') throw unknown(`the threshold ${Threshold}`);
  if (!TREATMENTS.includes(TreatMissingData)) throw unknown(`the treatment ${TreatMissingData} of missing data`);
  const { queries, watched, periods } = Array.isArray(properties.Metrics)
    ? ofMetrics(properties.Metrics, unknown)
    : ofMetric(properties, unknown);
  const [period = MINUTE_S, ...others] = [...new Set(periods)];
  if (others.length > 0 || period % MINUTE_S !== 0 || period === 0) throw unknown(`periods of ${periods.join(', ')} s`);
  return {
    name,
    queries,
    watched,
    minutes: period / MINUTE_S,
    rule: {
      evaluationPeriods: Number(EvaluationPeriods),
      datapointsToAlarm: Number(DatapointsToAlarm ?? EvaluationPeriods),
      treatMissingData: TreatMissingData,
    },
    threshold: Threshold,
    isBreaching: (value) => compare(value, Threshold),
    ignoresLowSamples: properties.EvaluateLowSampleCountPercentile === 'ignore',
  };
}

interface Read {
  queries: Query[];
  watched: string;
  /** In seconds. */
  periods: number[];
}

function ofMetric(properties: AlarmProperties, unknown: (what: string) => Error): Read {
  const { MetricName, Period, Statistic, ExtendedStatistic } = properties;
  const statistic = Statistic ?? ExtendedStatistic;
  if (!MetricName || !statistic) throw unknown('neither a MetricName with a statistic nor Metrics');
  return {
    queries: [{ id: 'metric', metric: metricOf(properties), statistic }],
    watched: 'metric',
    periods: [Number(Period ?? MINUTE_S)],
  };
}

function ofMetrics(metrics: AlarmProperties[], unknown: (what: string) => Error): Read {
  const returned = metrics.filter(({ ReturnData = true }) => ReturnData);
  if (returned.length !== 1) throw unknown(`${returned.length} metrics that return data`);
  const queries = metrics.map(({ Id, Expression, MetricStat }): Query => {
    if (typeof Expression === 'string') return { id: Id, expression: Expression };
    if (!MetricStat) throw unknown(`${Id}, neither a metric nor an expression`);
    return { id: Id, metric: metricOf(MetricStat.Metric), statistic: MetricStat.Stat };
  });
  const periods = metrics.map(({ Period, MetricStat }) => MetricStat?.Period ?? Period).filter((period) => period !== undefined);
  return { queries, watched: returned[0]!.Id, periods: periods.map(Number) };
}

function metricOf({ Namespace, MetricName, Dimensions = [] }: AlarmProperties): MetricId {
  const dimensions = (Dimensions as { Name: string; Value: string }[]).map(({ Name, Value }) => [Name, Value]);
  return { namespace: Namespace, name: MetricName, dimensions: Object.fromEntries(dimensions) };
}
