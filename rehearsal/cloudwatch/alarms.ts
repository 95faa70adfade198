import type { Alarms, Clock, Journal } from '../model.js';
import { definitionOf, type AlarmDefinition, type AlarmProperties } from './alarm-definition.js';
import { EXTRA_POINTS, stateAfter, type AlarmState } from './alarm-state.js';
import { evaluate, type Series } from './metric-math.js';
import type { MetricId, Metrics, Point } from './metrics.js';
import { percentileOf } from './statistics.js';

export interface AlarmView {
  name: string;
  state: AlarmState;
  reason: string;
  /** By the clock on the wall. */
  updatedAt: Date;
}

export interface AlarmParts {
  metrics: Metrics;
  clock: Clock;
  journal: Journal;
  /** Data points that are looked at beyond an alarm's periods: see EXTRA_POINTS. */
  extraPoints?: number;
}

interface Kept extends AlarmView {
  definition: AlarmDefinition;
}

/** CloudWatch's alarms over metrics. They look at the metrics at the end of each shortened minute, from `start` to `stop`. */
export class MetricAlarms implements Alarms {
  /** For scenarios: while true, nobody gets the states. */
  unreadable = false;
  private readonly metrics: Metrics;
  private readonly clock: Clock;
  private readonly journal: Journal;
  private readonly extraPoints: number;
  private readonly kept = new Map<string, Kept>();
  private timer: NodeJS.Timeout | null = null;

  /**
   * A new alarm has too little data: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html#alarm-states
   *
   * @throws Error if an alarm has something that the rehearsal does not know
   */
  constructor(alarms: readonly AlarmProperties[], { metrics, clock, journal, extraPoints = EXTRA_POINTS }: AlarmParts) {
    this.metrics = metrics;
    this.clock = clock;
    this.journal = journal;
    this.extraPoints = extraPoints;
    for (const definition of alarms.map(definitionOf)) {
      this.judge(definition, 0);
      const { name } = definition;
      this.kept.set(name, { name, state: 'INSUFFICIENT_DATA', reason: 'It was just made.', updatedAt: new Date(), definition });
    }
  }

  start(): void {
    const { periodMs } = this.metrics;
    const untilNext = periodMs - (this.clock.now() % periodMs);
    this.timer = setTimeout(() => {
      this.evaluate();
      this.start();
    }, untilNext);
  }

  stop(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
  }

  /** Looks at the periods that are over. */
  evaluate(): void {
    const end = this.metrics.current;
    for (const alarm of this.kept.values()) {
      const { definition } = alarm;
      if (end % definition.minutes !== 0) continue;
      const judged = this.judge(definition, end);
      if (judged.state !== null && judged.state !== alarm.state) this.change(alarm, judged.state, judged.reason);
    }
  }

  /** @throws Error if one of them is not known, or CloudWatch can't be asked */
  states(names: readonly string[]): { name: string; state: AlarmState }[] {
    if (this.unreadable) throw new Error('CloudWatch does not answer.');
    return names.map((name) => ({ name, state: this.find(name).state }));
  }

  list(): AlarmView[] {
    return [...this.kept.values()].map(({ name, state, reason, updatedAt }) => ({ name, state, reason, updatedAt }));
  }

  /**
   * Sets a state by hand, until the next evaluation that says otherwise.
   * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_SetAlarmState.html
   *
   * @throws Error if the alarm is not known
   */
  set(name: string, state: AlarmState, reason: string): void {
    this.change(this.find(name), state, reason);
  }

  /** Metrics that alarms look at and that never had any data: their name or a dimension may be wrong. */
  withoutData(): { alarm: string; metric: MetricId }[] {
    return [...this.kept.values()].flatMap(({ name, definition }) =>
      definition.queries.flatMap((query) =>
        'metric' in query && !this.metrics.has(query.metric) ? [{ alarm: name, metric: query.metric }] : [],
      ),
    );
  }

  /** The state that the periods before `end` lead to, and the values that it comes from. */
  private judge(definition: AlarmDefinition, end: number): { state: AlarmState | null; reason: string } {
    const { queries, rule, watched, minutes, isBreaching, threshold } = definition;
    const span = { end, count: rule.evaluationPeriods + this.extraPoints, minutes };
    const points = new Map<string, (Point | null)[]>();
    for (const query of queries)
      if ('metric' in query) points.set(query.id, this.metrics.series(query.metric, query.statistic, span));
    const values = valuesOf(
      definition,
      watched,
      new Map([...points].map(([id, series]) => [id, series.map((point) => point?.value ?? null)])),
    );
    if (definition.ignoresLowSamples && hasLowSamples(definition, points.get(watched) ?? []))
      return { state: null, reason: 'A percentile has too few samples.' };
    const judged = values.map((value) => (value === null ? null : isBreaching(value)));
    const shown = values.map((value) => (value === null ? '-' : Math.round(value * 1_000) / 1_000)).join(' ');
    return { state: stateAfter(judged, rule), reason: `Values ${shown}, threshold ${threshold}.` };
  }

  private change(alarm: Kept, state: AlarmState, reason: string): void {
    this.journal.note('cloudwatch', alarm.name, 'alarm.state', { from: alarm.state, to: state, reason });
    Object.assign(alarm, { state, reason, updatedAt: new Date() });
  }

  private find(name: string): Kept {
    const alarm = this.kept.get(name);
    if (!alarm) throw new Error(`There is no alarm ${name}.`);
    return alarm;
  }
}

/** Of a metric, or of an expression, which may name other expressions. */
function valuesOf({ queries }: AlarmDefinition, id: string, metrics: ReadonlyMap<string, Series>): Series {
  const known = new Map(metrics);
  for (const query of queries)
    if ('expression' in query && query.id !== id) known.set(query.id, evaluate(query.expression, known));
  const watched = queries.find((query) => query.id === id)!;
  return 'expression' in watched ? evaluate(watched.expression, known) : known.get(id)!;
}

/**
 * With `ignore`, the state does not change during periods with fewer samples than ten for the share that is above the percentile, or below it.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/percentiles-with-low-samples.html
 * Assumption: each data point that counts has to have so many.
 */
function hasLowSamples({ queries, watched, rule }: AlarmDefinition, points: readonly (Point | null)[]): boolean {
  const query = queries.find(({ id }) => id === watched)!;
  const percentile = 'metric' in query ? percentileOf(query.statistic) : null;
  if (percentile === null || percentile <= 0 || percentile >= 1) return false;
  const needed = 10 / (percentile >= 0.5 ? 1 - percentile : percentile);
  const counted = points.filter((point) => point !== null).slice(-rule.evaluationPeriods);
  return counted.some(({ samples }) => Math.round(samples) < Math.round(needed));
}
