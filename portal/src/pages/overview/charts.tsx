import { useMemo } from 'react';
import { faultOf } from '../../api/errors.js';
import { RANGES, useAttemptStats, type AttemptStats, type Range } from '../../api/statistics.js';
import { useAddress } from '../../kit/address.js';
import { Chart, ChartPlace, type Series } from '../../kit/chart.js';
import { Choice } from '../../kit/choice.js';
import { Section } from '../../kit/page.js';
import { ErrorBox } from '../../kit/states.js';
import * as texts from '../../texts/en.js';
import { duration } from '../../texts/format.js';
import styles from './overview.module.css';

const words = texts.overview.charts;
const DEFAULT: Range = '24h';
/** The line of sums, and its distance. */
const SUMS_PX = 32;
const OPTIONS = (Object.keys(RANGES) as Range[]).map((value) => ({ value, label: words.ranges[value] }));

/** What the charts show, and over which time. It stands in the address. */
export function useCharted() {
  const [given, setRange] = useAddress('range', DEFAULT);
  const range = Object.hasOwn(RANGES, given) ? (given as Range) : DEFAULT;
  return { range, setRange, stats: useAttemptStats(range) };
}

/** Attempts and the time they took. */
export function Charts({ range, setRange, stats }: ReturnType<typeof useCharted>) {
  const { data, error, refetch } = stats;
  const choice = <Choice label={words.range} options={OPTIONS} value={range} onChange={(next) => setRange(next)} />;
  return (
    <>
      <Section title={words.success} actions={choice}>
        {error && <ErrorBox fault={faultOf(error)} onRetry={() => void refetch()} />}
        {data ? <Attempts stats={data} /> : !error && <ChartPlace above={SUMS_PX} />}
      </Section>
      <Section title={words.latency}>{data ? <Latency stats={data} /> : !error && <ChartPlace above={SUMS_PX} />}</Section>
      {data && data.countedSince !== null && <p className="muted">{words.counting}</p>}
    </>
  );
}

function Attempts({ stats }: { stats: AttemptStats }) {
  const { points, stepSeconds } = stats;
  const [times, series] = useMemo(() => {
    const made: Series[] = [
      { label: words.delivered, kind: 'bars', tone: 'good', values: points.map(({ delivered }) => delivered) },
      { label: words.failed, kind: 'bars', tone: 'bad', values: points.map(({ failed }) => failed) },
    ];
    return [points.map(({ at }) => at), made];
  }, [points]);
  return (
    <>
      <p className={styles['sum']}>
        {words.sums(stats.delivered, stats.failed)} <span className="muted">· {words.each(stepSeconds)}</span>
      </p>
      <Chart label={words.successLabel} times={times} series={series} />
    </>
  );
}

function Latency({ stats }: { stats: AttemptStats }) {
  const { points, p50Ms, p95Ms } = stats;
  const [times, series] = useMemo(() => {
    const made: Series[] = [
      { label: words.p50, kind: 'line', tone: 'accent', values: points.map((point) => point.p50Ms) },
      { label: words.p95, kind: 'line', tone: 'waiting', dashed: true, values: points.map((point) => point.p95Ms) },
    ];
    return [points.map(({ at }) => at), made];
  }, [points]);
  return (
    <>
      {p50Ms !== null && p95Ms !== null && <p className={styles['sum']}>{words.latencies(duration(p50Ms), duration(p95Ms))}</p>}
      <Chart label={words.latencyLabel} times={times} series={series} format={duration} />
    </>
  );
}
