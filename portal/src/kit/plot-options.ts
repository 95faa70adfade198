import uPlot from 'uplot';
import { shortNumber } from '../texts/format.js';
import { axisTimes } from '../texts/time-axis.js';
import type { Series } from './chart.js';
import { coloursAt, stripes, type Colours } from './plot-colours.js';

interface Wanted {
  times: readonly Date[];
  series: readonly Series[];
  format: (value: number) => string;
  height: number;
}

/** Bars are drawn from zero over each other, the whole stack first; so their values are sums. Where no value is known nothing is drawn. */
export function dataOf(times: readonly Date[], series: readonly Series[]): uPlot.AlignedData {
  const sums = times.map(() => 0);
  const drawn = series.map(({ kind, values }) =>
    kind === 'line'
      ? [...values]
      : values.map((value, at) => {
          sums[at] = sums[at]! + (value ?? 0);
          return value === null ? null : sums[at]!;
        }),
  );
  return [times.map((time) => time.getTime() / 1000), ...orderOf(series).map((at) => drawn[at]!)] as uPlot.AlignedData;
}

/** How it is drawn. `current` gives the values that are shown at the moment: new ones come without a new drawing. */
export function optionsOf(
  element: HTMLElement,
  { series, format, height }: Wanted,
  current: () => Pick<Wanted, 'times' | 'series'>,
  onCursor: (at: number | null) => void,
): uPlot.Options {
  const colour = coloursAt(element);
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
    cursor: { y: false, drag: { x: false, y: false }, points: { show: !hasBars, size: 6 } },
    hooks: {
      setCursor: [({ cursor }) => onCursor(cursor.idx ?? null)],
      drawClear: [(plot) => drawUnknown(plot, current(), colour)],
      draw: hasBars ? [(plot) => drawZeros(plot, current(), colour)] : [],
    },
    scales: {
      // Half a step more on both sides: the first and last bars are whole.
      x: { time: true, range: (plot, min, max) => [min - stepOf(plot.data[0]) / 2, max + stepOf(plot.data[0]) / 2] },
      y: { range: (_plot, _min, max) => [0, Math.max(max || 0, 1) * 1.05] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 26,
        space: 72,
        values: (_plot, ticks, _axis, _space, step) => axisTimes(ticks, step),
      },
      {
        ...axis,
        size: 56,
        space: 32,
        values: (_plot, ticks) => ticks.map(hasBars ? shortNumber : format),
        incrs: hasBars ? WHOLE : MS,
      },
    ],
    series: [{}, ...orderOf(series).map((at) => seriesOf(series[at]!, colour))],
  };
}

/** Distances between the lines of an axis. There are no half attempts, and times are read in tens and seconds. */
const WHOLE = [1, 2, 5]
  .flatMap((digit) => Array.from({ length: 9 }, (_, power) => digit * 10 ** power))
  .toSorted((a, b) => a - b);
const MS = [...WHOLE.filter((step) => step <= 20_000), 30_000, 60_000, 120_000];

/** The highest bars first, lines last. */
function orderOf(series: readonly Series[]): number[] {
  const indexes = series.map((_, at) => at);
  return [
    ...indexes.filter((at) => series[at]!.kind === 'bars').toReversed(),
    ...indexes.filter((at) => series[at]!.kind === 'line'),
  ];
}

function stepOf(times: ArrayLike<number>): number {
  return times.length > 1 ? times[1]! - times[0]! : 60;
}

function seriesOf({ label, kind, tone, dashed }: Series, colour: Colours): uPlot.Series {
  if (kind === 'line')
    return {
      label,
      stroke: colour(tone),
      width: 1.5,
      spanGaps: false,
      ...(dashed && { dash: [6, 4] }),
      points: { show: true, size: 4, fill: colour(tone), filter: alone },
    };
  const fill = tone === 'bad' ? () => stripes(colour(tone), devicePixelRatio) : colour(tone);
  const paths = uPlot.paths.bars?.({ size: [0.8, 32] });
  return { label, fill: fill as uPlot.Series.Fill, width: 0, points: { show: false }, ...(paths && { paths }) };
}

/** A value between two gaps is no line: it is drawn as a point. */
const alone: uPlot.Series.Points.Filter = (plot, seriesAt) => {
  const values = plot.data[seriesAt]!;
  const isGap = (at: number) => values[at] === null || values[at] === undefined;
  return Array.from(values, (_, at) => at).filter((at) => !isGap(at) && isGap(at - 1) && isGap(at + 1));
};

/** A grey ground where nothing is known: a gap is not a zero. */
function drawUnknown(plot: uPlot, { times, series }: Pick<Wanted, 'times' | 'series'>, colour: Colours): void {
  // A time that nothing took is no gap in the counting.
  if (series.every(({ kind }) => kind === 'line')) return;
  const half = stepOf(plot.data[0]) / 2;
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.fillStyle = colour('ground-3');
  for (const [at, time] of times.entries()) {
    if (series.some(({ values }) => typeof values[at] === 'number')) continue;
    const middle = time.getTime() / 1000;
    const [left, right] = [plot.valToPos(middle - half, 'x', true), plot.valToPos(middle + half, 'x', true)];
    ctx.fillRect(left, bbox.top, right - left, bbox.height);
  }
  ctx.restore();
}

/** A short line on the ground where the value is zero. */
function drawZeros(plot: uPlot, { times, series }: Pick<Wanted, 'times' | 'series'>, colour: Colours): void {
  const { ctx, bbox } = plot;
  const width = (bbox.width / Math.max(times.length, 1)) * 0.6;
  const height = Math.max(Math.round(1.5 * devicePixelRatio), 1);
  ctx.save();
  ctx.fillStyle = colour('line-strong');
  for (const [at, time] of times.entries()) {
    const values = series.flatMap(({ kind, values: all }) => (kind === 'bars' && typeof all[at] === 'number' ? [all[at]] : []));
    if (values.length === 0 || values.some((value) => value !== 0)) continue;
    const middle = plot.valToPos(time.getTime() / 1000, 'x', true);
    ctx.fillRect(middle - width / 2, bbox.top + bbox.height - height, width, height);
  }
  ctx.restore();
}
