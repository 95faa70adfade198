import { useEffect, useEffectEvent, useRef, useState, type KeyboardEvent } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { texts } from '../texts/en.js';
import { axisTime, shortNumber, shortTime } from '../texts/format.js';
import type { ChartProps, Series } from './chart.js';
import styles from './chart.module.css';

/** On each side of a single point. */
const ALONE_SECONDS = 1_800;

type PlotProps = Required<ChartProps>;

/** The drawing of a chart, with a cursor that mouse and arrow keys move. What it stands on is read out. */
export function Plot(props: PlotProps) {
  const { label, times, series, format, height } = props;
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const [at, setAt] = useState<number | null>(null);
  const theme = useTheme();
  const shape = JSON.stringify([series.map(({ label: name, kind, tone }) => [name, kind, tone]), height, theme]);
  const draw = useEffectEvent((element: HTMLElement) => {
    const made = new uPlot(optionsOf(props, element, setAt), dataOf(times, series), element);
    plot.current = made;
    const watcher = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height }));
    watcher.observe(element);
    return () => {
      watcher.disconnect();
      made.destroy();
      plot.current = null;
    };
  });
  // New values are handed to the same drawing; another form needs another one.
  useEffect(() => draw(place.current!), [shape]);
  useEffect(() => plot.current?.setData(dataOf(times, series)), [times, series]);
  const move = (event: KeyboardEvent) => {
    const step = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity }[event.key];
    if (step === undefined || !plot.current) return;
    event.preventDefault();
    const next = Math.min(Math.max((at ?? (step > 0 ? -1 : times.length)) + step, 0), times.length - 1);
    plot.current.setCursor({ left: plot.current.valToPos(times[next]!.getTime() / 1000, 'x'), top: 0 });
  };
  return (
    <div className={styles['plot']} tabIndex={0} role="group" aria-label={`${label}. ${texts.kit.chartHelp}`} onKeyDown={move}>
      <div ref={place} aria-hidden style={{ minHeight: height }} />
      <p className={styles['values']} role="status">
        {at !== null && times[at] && (
          <>
            <span>{shortTime(times[at])}</span>
            {series.map(({ label: name, values }) => (
              <span key={name}>
                {name} <b>{values[at] === null || values[at] === undefined ? '–' : format(values[at])}</b>
              </span>
            ))}
          </>
        )}
      </p>
    </div>
  );
}

/** Bars are drawn from zero over each other, the whole stack first; so their values are sums. */
function dataOf(times: readonly Date[], series: readonly Series[]): uPlot.AlignedData {
  const sums = times.map(() => 0);
  const drawn = series.map(({ kind, values }) =>
    kind === 'line' ? [...values] : values.map((value, at) => (sums[at] = sums[at]! + (value ?? 0))),
  );
  return [times.map((time) => time.getTime() / 1000), ...orderOf(series).map((at) => drawn[at]!)] as uPlot.AlignedData;
}

/** The highest bars first, lines last. */
function orderOf(series: readonly Series[]): number[] {
  const indexes = series.map((_, at) => at);
  return [
    ...indexes.filter((at) => series[at]!.kind === 'bars').toReversed(),
    ...indexes.filter((at) => series[at]!.kind === 'line'),
  ];
}

function optionsOf(
  { times, series, format, height }: PlotProps,
  element: HTMLElement,
  onCursor: (at: number | null) => void,
): uPlot.Options {
  const colour = (name: string) => getComputedStyle(element).getPropertyValue(`--${name}`).trim();
  const hasBars = series.some(({ kind }) => kind === 'bars');
  const axis: uPlot.Axis = {
    stroke: colour('muted'),
    grid: { stroke: colour('line'), width: 1 },
    ticks: { show: false },
    font: '11px system-ui, sans-serif',
  };
  return {
    width: element.clientWidth,
    height,
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 6 } },
    hooks: { setCursor: [({ cursor }) => onCursor(cursor.idx ?? null)] },
    scales: {
      x: { range: (_plot, min, max) => roomFor(min, max, times.length) },
      y: { range: (_plot, _min, max) => [0, Math.max(max || 0, 1) * 1.05] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        values: ({ scales: { x } }, ticks) =>
          ticks.map((at) => axisTime(new Date(at * 1000), ((x?.max ?? 0) - (x?.min ?? 0)) * 1000)),
      },
      { ...axis, size: 56, values: (_plot, ticks) => ticks.map(hasBars ? shortNumber : format) },
    ],
    series: [
      {},
      ...orderOf(series).map((at): uPlot.Series => {
        const { label, kind, tone } = series[at]!;
        if (kind === 'line') return { label, stroke: colour(tone), width: 1.5, spanGaps: false, points: { show: false } };
        return { label, fill: colour(tone), width: 0, points: { show: false }, ...barsOf() };
      }),
    ],
  };
}

/** Half a bar more on both sides. */
function roomFor(min: number, max: number, points: number): [min: number, max: number] {
  if (points < 2) return [(min + max) / 2 - ALONE_SECONDS, (min + max) / 2 + ALONE_SECONDS];
  const half = (max - min) / (points - 1) / 2;
  return [min - half, max + half];
}

function barsOf(): Pick<uPlot.Series, 'paths'> {
  const paths = uPlot.paths.bars?.({ size: [0.8, 32] });
  return paths ? { paths } : {};
}

/** Which colours hold now: the drawing does not follow them by itself. */
function useTheme(): string {
  const root = document.documentElement;
  const [theme, setTheme] = useState(root.dataset['theme'] ?? '');
  useEffect(() => {
    const watcher = new MutationObserver(() => setTheme(root.dataset['theme'] ?? ''));
    watcher.observe(root, { attributeFilter: ['data-theme'] });
    return () => watcher.disconnect();
  }, [root]);
  return theme;
}
