import type { Sample } from '../samples.js';
import { escaped } from './escape.js';
import { backdropOf, panelOf } from './panel.js';
import { panelsOf } from './panels.js';
import { timeTicks } from './plot.js';
import * as series from './series.js';
import type { Band, Mark, Story } from './story.js';
import type { Lane } from './tellings.js';
import { millis, percent, seconds } from './words.js';

const TICKS = 12;
/** A phase of less than this part of the time has no room for its name. */
const LEAST_NAMED = 0.04;

/** Signs of events, by what they are about; phases are bands. */
const LANES: [Lane, string, string][] = [
  ['deployment', 'deployment', '◆'],
  ['shift', 'shifts', '⇄'],
  ['hook', 'hooks', '■'],
  ['alarm', 'alarms', '▲'],
  ['task', 'tasks', '●'],
  ['scenario', 'scenario', '★'],
];

/** All charts over one axis of time, with the phases, the events, and the same numbers as a table. */
export function timelineOf(story: Story, samples: readonly Sample[]): string {
  if (samples.length === 0) return '<h2 id="timeline">Timeline</h2><p>No second was measured.</p>';
  const times = samples.map(({ at }) => at);
  const panels = panelsOf(samples).map((panel) => panelOf(panel, story, times));
  return `<section aria-labelledby="timeline"><h2 id="timeline">Timeline</h2>
<p class="soft">Seconds since the rehearsal began; waits of AWS are shortened. Grey bands are phases of the deployment. Signs lead to the event in the list.</p>
${readout(samples.length)}${backdropOf(story)}<div class="timeline">
${bands(story)}${LANES.map((lane) => laneOf(lane, story)).join('')}${panels.join('')}${axis(story)}<div class="cursor" hidden></div></div>
${phaseTable(story)}${numbers(story, samples)}</section>
${secondsOf(story, samples)}`;
}

/** The script shows it. */
function readout(length: number): string {
  return `<div class="readout" hidden><label>Second <input type="range" min="0" max="${length - 1}" value="0"></label><output>Move over the charts, or move the slider.</output></div>`;
}

function bands(story: Story): string {
  const items = story.bands
    .filter((band) => isSeen(band, story))
    .map((band) => {
      const [from, to] = [Math.max(band.from, story.from), Math.min(band.to, story.to)];
      const name = (to - from) / (story.to - story.from) < LEAST_NAMED ? '' : escaped(band.name);
      const about = escaped(`${band.name}, ${seconds(band.from)} to ${seconds(band.to)}`);
      const look = band.status === null || band.status === 'Succeeded' ? '' : ' class="bad"';
      return `<li${look} style="${place(story, from, to)}" title="${about}">${name}</li>`;
    });
  return items.length === 0 ? '' : `<ol class="bands" aria-label="Phases">${items.join('')}</ol>\n`;
}

function laneOf([lane, name, sign]: (typeof LANES)[number], story: Story): string {
  const marks = story.marks.filter((mark) => mark.lane === lane && mark.at >= story.from && mark.at <= story.to);
  const shades = lane === 'scenario' ? story.shades.filter((shade) => isSeen(shade, story)) : [];
  if (marks.length + shades.length === 0) return '';
  const bars = shades.map(({ why, outcomes, from, to }) => {
    const about = escaped(`${why}${outcomes.length > 0 ? ` (may get ${outcomes.join(', ')})` : ''}`);
    return `<i style="${place(story, from, to)}" title="${about}">${about}</i>`;
  });
  return `<div class="lane" role="group" aria-label="${name}"><span aria-hidden="true">${name}</span>${bars.join('')}${marks.map((mark) => markOf(mark, sign, story)).join('')}</div>\n`;
}

function markOf({ nth, at, tone, text, lane }: Mark, sign: string, story: Story): string {
  // Good and bad verdicts have signs of their own: colour is not enough.
  const shown = lane === 'hook' && tone !== 'plain' ? (tone === 'good' ? '✓' : '✗') : sign;
  const about = escaped(`${seconds(at)}: ${text}`);
  return `<a class="${tone}" href="#e${nth}" style="left:${partOf(story, at)}%" title="${about}" aria-label="${about}">${shown}</a>`;
}

function axis({ from, to }: Story): string {
  const ticks = timeTicks(from, to, TICKS).map((at) => `<span style="left:${partOf({ from, to }, at)}%">${at / 1_000} s</span>`);
  return `<div class="axis" aria-hidden="true">${ticks.join('')}</div>`;
}

function phaseTable({ bands }: Story): string {
  const rows = bands.map(
    ({ name, from, to, status }) =>
      `<tr><th scope="row">${escaped(name)}</th><td class="number">${seconds(from)}</td><td class="number">${seconds(to)}</td><td class="number">${seconds(to - from)}</td><td>${escaped(status ?? '')}</td></tr>`,
  );
  return `<details><summary>Phases as a table</summary><div class="scroll" tabindex="0" role="region" aria-label="Phases"><table>
<thead><tr><th scope="col">Phase</th><th scope="col" class="number">begins</th><th scope="col" class="number">ends</th><th scope="col" class="number">takes</th><th scope="col">ends as</th></tr></thead>
<tbody>${rows.join('')}</tbody></table></div></details>
`;
}

const COLUMNS: [string, (samples: readonly Sample[], nth: number) => string][] = [
  ['time', (samples, nth) => seconds(samples[nth]!.at)],
  ['blue, requests', (samples, nth) => String(samples[nth]!.colours[0].requests)],
  ['green, requests', (samples, nth) => String(samples[nth]!.colours[1].requests)],
  ["green's weight", (samples, nth) => percent(series.weightShare(samples[nth]!))],
  ["green's deliveries", (samples, nth) => percent(samples[nth]!.queueShare)],
  ['clients, p99', (samples, nth) => millis(samples[nth]!.load.p99Ms)],
  ['blue, p50 / p99', (samples, nth) => both(samples[nth]!, 0)],
  ['green, p50 / p99', (samples, nth) => both(samples[nth]!, 1)],
  ['clients, failures', (samples, nth) => failures(samples[nth]!) || '0'],
  ['targets, 5xx', (samples, nth) => String(samples[nth]!.colours.reduce((sum, colour) => sum + series.errorsOf(colour), 0))],
  ['refused', (samples, nth) => String(samples[nth]!.colours.reduce((sum, colour) => sum + series.refusalsOf(colour), 0))],
  ['blue, targets', (samples, nth) => states(samples[nth]!, 0)],
  ['green, targets', (samples, nth) => states(samples[nth]!, 1)],
];

function numbers(story: Story, samples: readonly Sample[]): string {
  const head = COLUMNS.map(([name]) => `<th scope="col" class="number">${name}</th>`).join('');
  const rows = samples.map(
    (_, nth) => `<tr>${COLUMNS.map(([, of]) => `<td class="number">${escaped(of(samples, nth))}</td>`).join('')}</tr>`,
  );
  return `<details><summary>The numbers of each second as a table</summary><div class="scroll" tabindex="0" role="region" aria-label="Numbers of each second"><table>
<thead><tr>${head}</tr></thead><tbody>${rows.join('\n')}</tbody></table></div></details>
`;
}

/** For the script: where each second is, and what to tell of it. */
function secondsOf(story: Story, samples: readonly Sample[]): string {
  const told = samples.map((sample, nth) => {
    const [blue, green] = [0, 1].map((colour) =>
      Math.round((sample.colours[colour]!.requests * 1_000) / series.spanOf(samples, nth)),
    );
    const text = [
      seconds(sample.at),
      phaseAt(story.bands, sample.at),
      `blue ${blue}/s, ${states(sample, 0)}, p99 ${millis(sample.colours[0].p99Ms)}`,
      `green ${green}/s, ${states(sample, 1)}, p99 ${millis(sample.colours[1].p99Ms)}`,
      `weight of green ${percent(series.weightShare(sample))}, deliveries ${percent(sample.queueShare)}`,
      `clients p99 ${millis(sample.load.p99Ms)}, ${failures(sample) || '0'} failed`,
    ];
    return { left: partOf(story, sample.at), text: text.filter((part) => part !== '').join(' · ') };
  });
  return `<script type="application/json" id="seconds">${JSON.stringify(told).replaceAll('<', '\\u003c')}</script>`;
}

function phaseAt(bands: readonly Band[], at: number): string {
  return bands.findLast(({ from, to }) => from <= at && at <= to)?.name ?? '';
}

function failures({ load }: Sample): string {
  return Object.entries(load.failures)
    .map(([outcome, times]) => `${times} × ${outcome}`)
    .join(', ');
}

function both({ colours }: Sample, nth: 0 | 1): string {
  const { p50Ms, p99Ms } = colours[nth];
  return series.answersOf(colours[nth]) === 0 ? '–' : `${Math.round(p50Ms)} / ${millis(p99Ms)}`;
}

function states({ colours }: Sample, nth: 0 | 1): string {
  const known = Object.entries(colours[nth].targets).filter(([state, many]) => state !== 'unused' && many > 0);
  return known.map(([state, many]) => `${many} ${state}`).join(', ') || 'no targets';
}

/** Per cent of the width. */
function partOf({ from, to }: Pick<Story, 'from' | 'to'>, at: number): number {
  return Math.round(Math.min(1, Math.max(0, (at - from) / Math.max(1, to - from))) * 10_000) / 100;
}

function place(story: Story, from: number, to: number): string {
  const left = partOf(story, from);
  return `left:${left}%;width:${Math.round((partOf(story, to) - left) * 100) / 100}%`;
}

function isSeen({ from, to }: { from: number; to: number }, whole: { from: number; to: number }): boolean {
  return to > whole.from && from < whole.to;
}
