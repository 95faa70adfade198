import { lazy, Suspense, useState } from 'react';
import * as texts from '../texts/en.js';
import { number, shortTime } from '../texts/format.js';
import { Button } from './button.js';
import styles from './chart.module.css';
import { LoadedLater } from './missing-file.js';
import { Skeleton } from './states.js';

const Plot = lazy(() => import('./plot.js').then((module) => ({ default: module.Plot })));

/** The line of legend and button above a drawing, and the line of values below it. */
const LEGEND_PX = 28;
const VALUES_PX = 20;
const DRAWN_PX = 180;

export interface Series {
  label: string;
  /** Bars are stacked in their order. Lines have their own scale, beside the bars'. */
  kind: 'bars' | 'line';
  tone: 'good' | 'bad' | 'waiting' | 'accent' | 'muted';
  /** One for each time. null is a gap; 0 is drawn. */
  values: readonly (number | null)[];
  /** A line of dashes, beside another line. */
  dashed?: boolean;
}

export interface ChartProps {
  /** What it shows, as its heading for screen readers and the caption of its table. */
  label: string;
  times: readonly Date[];
  series: readonly Series[];
  /** How a value is written. */
  format?: (value: number) => string;
  height?: number;
}

/** Values over time: hover or arrow keys read them, and they can be shown as a table. What draws it is loaded with the first chart. */
export function Chart({ label, times, series, format = number, height = DRAWN_PX }: ChartProps) {
  const [asTable, setAsTable] = useState(false);
  return (
    <figure className={styles['chart']}>
      <div className={styles['head']}>
        <ul className={styles['legend']}>
          {series.map(({ label: name, tone, kind, dashed }) => (
            <li key={name}>
              <span className={`${styles['key']} ${styles[tone]} ${keyOf(kind, tone, dashed)}`} aria-hidden />
              {name}
            </li>
          ))}
        </ul>
        <Button small look="quiet" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
          {asTable ? texts.kit.asChart : texts.kit.asTable}
        </Button>
      </div>
      {asTable ? (
        <Values {...{ label, times, series, format }} />
      ) : times.length === 0 ? (
        <p className={styles['none']} style={{ height: height + VALUES_PX }}>
          {texts.kit.noData}
        </p>
      ) : (
        <LoadedLater>
          <Suspense fallback={<Skeleton height={`${height + VALUES_PX}px`} />}>
            <Plot {...{ label, times, series, format, height }} />
          </Suspense>
        </LoadedLater>
      )}
    </figure>
  );
}

/** Keeps the place of a chart whose values are being loaded. `above`: what stands above it then, in pixels. */
export function ChartPlace({ above = 0 }: { above?: number }) {
  return <Skeleton height={`${above + LEGEND_PX + DRAWN_PX + VALUES_PX}px`} />;
}

/** The look of a series in the legend: what is drawn differs by shape too. */
function keyOf(kind: Series['kind'], tone: Series['tone'], dashed = false): string {
  if (kind === 'bars') return (tone === 'bad' && styles['stripedKey']) || '';
  return (dashed ? styles['dashedKey'] : styles['lineKey']) ?? '';
}

function Values({ label, times, series, format }: Required<Omit<ChartProps, 'height'>>) {
  return (
    <div className={styles['table']} tabIndex={0} role="region" aria-label={label}>
      <table>
        <caption className="unseen">{label}</caption>
        <thead>
          <tr>
            <th scope="col">{texts.kit.time}</th>
            {series.map((one) => (
              <th key={one.label} scope="col">
                {one.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {times.map((time, at) => (
            <tr key={time.getTime()}>
              <th scope="row">{shortTime(time)}</th>
              {series.map(({ label: name, values }) => (
                <td key={name}>{written(values[at], format)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function written(value: number | null | undefined, format: (value: number) => string): string {
  return value === null || value === undefined ? '–' : format(value);
}
