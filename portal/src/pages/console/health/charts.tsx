import { useMemo } from 'react';
import type { AttemptStats } from '../../../api/console/statistics.js';
import { Chart, ChartPlace, type Series } from '../../../kit/chart.js';
import { Section } from '../../../kit/page.js';
import * as texts from '../../../texts/en.js';
import { duration } from '../../../texts/format.js';
import styles from '../shared/console.module.css';

const words = texts.console.health;

/** Attempts and answer times over time. Without `stats` their place is kept. */
export function Charts({ stats }: { stats: AttemptStats | undefined }) {
  const drawn = useMemo(() => stats && drawnOf(stats), [stats]);
  return (
    <div className={styles['cards']}>
      <Section title={words.throughput}>
        {drawn ? <Chart label={words.attempts} times={drawn.times} series={drawn.throughput} /> : <ChartPlace />}
      </Section>
      <Section title={words.answerTime}>
        {drawn ? (
          <Chart label={words.answerTimes} times={drawn.times} series={drawn.latency} format={duration} />
        ) : (
          <ChartPlace />
        )}
      </Section>
    </div>
  );
}

function drawnOf({ points }: AttemptStats): { times: Date[]; throughput: Series[]; latency: Series[] } {
  return {
    times: points.map(({ at }) => new Date(at)),
    throughput: [
      { label: words.delivered, kind: 'bars', tone: 'good', values: points.map(({ delivered }) => delivered) },
      { label: words.failed, kind: 'bars', tone: 'bad', values: points.map(({ failed }) => failed) },
    ],
    latency: [
      { label: words.p50, kind: 'line', tone: 'accent', values: points.map(({ p50Ms }) => p50Ms) },
      { label: words.p95, kind: 'line', tone: 'waiting', values: points.map(({ p95Ms }) => p95Ms) },
    ],
  };
}
