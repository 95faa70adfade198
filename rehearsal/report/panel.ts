import { bandOf, lineOf, stepsOf, tenth, xOf, yOf, type Frame, type Scale } from './plot.js';
import { escaped } from './escape.js';
import type { Series } from './series.js';
import { shadedBands, type Story } from './story.js';

/** Units of the SVG: the page stretches them to its width. */
const WIDTH = 1_000;
const LEGEND = { width: 26, height: 11 };

/** One thing that a panel shows: a line, or an area between two lines. */
export interface Shown {
  name: string;
  /** Classes of report/style.ts. */
  look: string;
  values: Series;
  /** Lines go from value to value, steps keep a value for its second, areas are steps that are filled down to `low`. */
  kind: 'line' | 'steps' | 'area';
  low?: readonly number[];
  /** In the legend, behind its name. */
  note?: string;
}

export interface Panel {
  title: string;
  unit: string;
  /** What somebody hears who does not see it. */
  summary: string;
  height: number;
  scale: Scale;
  labelOf(tick: number): string;
  shown: Shown[];
  /** In place of the shapes, if there is nothing to show. */
  nothing?: string;
}

/** A chart over the time of the story, as a figure. */
export function panelOf(panel: Panel, { from, to }: Story, times: readonly number[]): string {
  const frame: Frame = { left: 0, width: WIDTH, top: 0, height: panel.height, from, to, scale: panel.scale };
  const { ticks } = panel.scale;
  const grid = ticks.map((tick) => `<path class="grid" d="M0 ${tenth(yOf(frame, tick))}H${WIDTH}"/>`).join('');
  const shapes = panel.shown.map((one) => shapeOf(one, frame, times)).join('');
  const labels = ticks.map((tick) => {
    // The label of the top line is below it, so that the panel above is not touched.
    const top = Math.max(7, tenth(yOf(frame, tick)));
    return `<span aria-hidden="true" style="top:${top}px">${panel.labelOf(tick)}</span>`;
  });
  const nothing = panel.nothing ? `<span class="nothing">${escaped(panel.nothing)}</span>` : '';
  return `<figure class="panel"><figcaption><h3>${escaped(panel.title)} <small>${escaped(panel.unit)}</small></h3>
<ul class="legend">${panel.shown.map(legendOf).join('')}</ul></figcaption>
<div class="plot"><svg role="img" aria-label="${escaped(panel.summary)}" viewBox="0 0 ${WIDTH} ${panel.height}" height="${panel.height}" preserveAspectRatio="none">
<use href="#backdrop"/>${grid}${shapes}</svg>${labels.join('')}${nothing}</div></figure>
`;
}

function shapeOf({ look, values, kind, low }: Shown, frame: Frame, times: readonly number[]): string {
  const d =
    kind === 'area'
      ? bandOf(
          frame,
          times,
          low ?? values.map(() => 0),
          values.map((value) => value ?? 0),
        )
      : (kind === 'line' ? lineOf : stepsOf)(frame, times, values);
  return d === '' ? '' : `<path class="${look}" d="${d}"/>`;
}

function legendOf({ name, look, kind, note }: Shown): string {
  const { width, height } = LEGEND;
  const shape =
    kind === 'area'
      ? `<rect class="${look}" width="${width}" height="${height}"/>`
      : `<path class="${look}" d="M1 ${height / 2}H${width - 1}"/>`;
  const sign = `<svg aria-hidden="true" viewBox="0 0 ${width} ${height}">${shape}</svg>`;
  return `<li>${sign}${escaped(name)}${note ? ` <b>${escaped(note)}</b>` : ''}</li>`;
}

/** What is behind each panel, defined once: phases, times in which something was broken, and events. And the hatchings. */
export function backdropOf({ from, to, bands, shades, marks }: Story): string {
  const frame: Frame = { left: 0, width: WIDTH, top: 0, height: 1, from, to, scale: { part: (value) => value, ticks: [] } };
  const height = 1_000;
  const block = (name: string, start: number, end: number) => {
    const x = tenth(xOf(frame, start));
    return `<rect class="${name}" x="${x}" y="0" width="${tenth(xOf(frame, end) - x)}" height="${height}"/>`;
  };
  const parts = [
    ...shadedBands({ from, to, bands }).map((band) => block('band', band.from, band.to)),
    ...shades.map((shade) => block('shade', shade.from, shade.to)),
    ...marks
      .filter((mark) => mark.at >= from && mark.at <= to && hasLine(mark))
      .map(({ at, tone }) => {
        const x = tenth(xOf(frame, at));
        return `<path class="mark ${tone}" d="M${x} 0V${height}"/>`;
      }),
  ];
  const hatchings = ['green', 'bad', 'soft'].map(
    (name) =>
      `<pattern id="hatch-${name}" width="8" height="4" patternUnits="userSpaceOnUse"><path d="M0 0H8V4H0Z" style="fill:var(--${name});fill-opacity:.12"/><path d="M0 1H8" style="stroke:var(--${name});stroke-width:1.2"/></pattern>`,
  );
  return `<svg width="0" height="0" style="position:absolute" aria-hidden="true"><defs>${hatchings.join('')}<g id="backdrop">${parts.join('')}</g></defs></svg>`;
}

/** The start and the wanted end of a task, and phases, would be too many lines. */
function hasLine({ lane, tone }: Story['marks'][number]): boolean {
  return lane === 'task' || lane === 'deployment' ? tone === 'bad' : lane !== 'phase';
}
