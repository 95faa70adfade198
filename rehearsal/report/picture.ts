import type { Sample } from '../samples.js';
import { escaped } from './escape.js';
import { bandOf, HEADROOM, lineOf, linear, ofLatency, SHARES, stepsOf, tenth, timeTicks, xOf, yOf, type Frame } from './plot.js';
import * as series from './series.js';
import { shadedBands, storyOf, type Story } from './story.js';
import { isPassed, type Entries, type Told } from './told.js';
import { count, cut, percent } from './words.js';

export const THEMES = ['light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const SIZE = { width: 880, height: 420 };
const [LEFT, WIDTH] = [56, 800];
const MOST_TITLE = 76;
/** About so wide is a letter of a phase's name. */
const LETTER = 6.2;
const TICKS = 12;

const COLOURS = {
  light: {
    page: '#ffffff',
    line: '#d1d9e0',
    ink: '#1f2328',
    soft: '#59636e',
    blue: '#0969da',
    green: '#1a7f37',
    bad: '#cf222e',
    odd: '#8250df',
  },
  dark: {
    page: '#0d1117',
    line: '#3d444d',
    ink: '#f0f6fc',
    soft: '#9198a1',
    blue: '#4493f8',
    green: '#3fb950',
    bad: '#f85149',
    odd: '#ab7df8',
  },
};

/** What all parts of the picture share. */
interface Canvas {
  story: Story;
  samples: readonly Sample[];
  times: number[];
  ink: (typeof COLOURS)[Theme];
}

/** A small picture of a scenario, an SVG of 880 × 420: phases, traffic, p99, failures, and green's share of the queue. */
export function pictureOf(told: Told, entries: Entries, theme: Theme): string {
  const { scenario, samples } = told;
  const canvas = { story: storyOf(told, entries), samples, times: samples.map(({ at }) => at), ink: COLOURS[theme] };
  const { ink } = canvas;
  const about = `${scenario.title}. ${sentence(told)}`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${SIZE.width} ${SIZE.height}" width="${SIZE.width}" height="${SIZE.height}" role="img" aria-labelledby="title about" font-family="system-ui,-apple-system,'Segoe UI',Helvetica,Arial,sans-serif" font-size="11" fill="${ink.soft}">
<title id="title">${escaped(scenario.title)}</title><desc id="about">${escaped(about)}</desc>
<defs><pattern id="hatch" width="8" height="4" patternUnits="userSpaceOnUse"><path d="M0 0H8V4H0Z" fill="${ink.green}" fill-opacity=".12"/><path d="M0 1H8" stroke="${ink.green}" stroke-width="1.2"/></pattern></defs>
<rect width="${SIZE.width}" height="${SIZE.height}" rx="8" fill="${ink.page}"/>
${words(LEFT, 28, cut(scenario.title, MOST_TITLE), { size: 16, weight: 600, fill: ink.ink })}${words(LEFT, 47, sentence(told), { size: 12 })}
${phases(canvas)}${traffic(canvas)}${failures(canvas)}${latency(canvas)}${shares(canvas)}${axis(canvas)}</svg>
`;
}

function sentence(told: Told): string {
  const { counted, samples } = told;
  const failed = samples.reduce((sum, sample) => sum + series.failuresOf(sample), 0);
  const sent = counted?.sent ?? samples.reduce((sum, { load }) => sum + load.tries, 0);
  const lost = counted ? ` · ${count(counted.missing)} accepted messages lost` : '';
  return `${isPassed(told) ? '✓ passed' : '✗ failed'} · ${count(sent)} requests · ${count(failed)} failed${lost}`;
}

function phases({ story, ink }: Canvas): string {
  const frame = frameOf(story, 60, 20);
  const block = ({ from, to }: Story['bands'][number], height: number, opacity: number) => {
    const x = tenth(xOf(frame, from));
    return `<rect x="${x}" y="60" width="${tenth(xOf(frame, to) - x)}" height="${height}" fill="${ink.soft}" fill-opacity="${opacity}"/>`;
  };
  const shades = shadedBands(story).map((band) => block(band, 332, 0.09));
  const names = story.bands.map((band) => {
    const [x, end] = [xOf(frame, band.from), xOf(frame, band.to)];
    const name = band.name.length * LETTER < end - x - 6 ? words(x + 4, 74, band.name, { size: 10.5, fill: ink.ink }) : '';
    return end > x ? `${block(band, 20, 0.16)}<path d="M${tenth(x)} 60V80" stroke="${ink.soft}"/>${name}` : '';
  });
  return [...shades, ...names].join('');
}

function traffic({ story, samples, times, ink }: Canvas): string {
  const [blue, green] = [0, 1].map((nth) => series.rates(samples, ({ colours }) => colours[nth]!.requests)) as [
    number[],
    number[],
  ];
  const both = blue.map((rate, nth) => rate + green[nth]!);
  const frame = { ...frameOf(story, 92, 110), scale: linear(series.highest(both) * HEADROOM) };
  const none = blue.map(() => 0);
  const areas = `<path d="${bandOf(frame, times, none, blue)}" fill="${ink.blue}" fill-opacity=".35"/><path d="${bandOf(frame, times, blue, both)}" fill="url(#hatch)"/>`;
  const labels = [
    keyed(LEFT + 6, 192, 'blue', `<rect width="14" height="9" y="-9" fill="${ink.blue}" fill-opacity=".35"/>`),
    keyed(LEFT + 60, 192, 'green', `<rect width="14" height="9" y="-9" fill="url(#hatch)"/>`),
  ];
  return (
    ground(frame, 'requests/s', (tick) => count(tick), ink) +
    areas +
    strokeOf(stepsOf(frame, times, both), ink.ink, 1) +
    labels.join('')
  );
}

function failures({ story, samples, times, ink }: Canvas): string {
  const failed = series.rates(samples, series.failuresOf);
  const most = series.highest(failed);
  const frame = { ...frameOf(story, 214, 24), scale: linear(most) };
  const none = failed.map(() => 0);
  const shape = most === 0 ? '' : `<path d="${bandOf(frame, times, none, failed)}" fill="${ink.bad}"/>`;
  const text = most === 0 ? 'failed requests: 0' : `failed requests, at most ${count(Math.round(most))}/s`;
  const base = `<path d="M${LEFT} 238H${LEFT + WIDTH}" stroke="${ink.line}"/>`;
  return base + shape + words(LEFT + 6, 226, text, { fill: most === 0 ? ink.soft : ink.bad });
}

function latency({ story, samples, times, ink }: Canvas): string {
  const p99 = samples.map(({ load }) => (load.tries > 0 ? load.p99Ms : null));
  const frame = { ...frameOf(story, 250, 62), scale: ofLatency(series.highest(p99)) };
  return ground(frame, 'p99, ms', (tick) => count(tick), ink) + strokeOf(lineOf(frame, times, p99), ink.ink, 1.6);
}

function shares({ story, samples, times, ink }: Canvas): string {
  const frame = { ...frameOf(story, 326, 66), scale: SHARES };
  const weights = samples.map((sample) => series.weightShare(sample) ?? 0);
  const none = weights.map(() => 0);
  const queue = lineOf(
    frame,
    times,
    samples.map(({ queueShare }) => queueShare),
  );
  const area = `<path d="${bandOf(frame, times, none, weights)}" fill="${ink.green}" fill-opacity=".25"/>`;
  const labels = [
    keyed(LEFT + 6, 340, "green's weight", `<rect width="14" height="9" y="-9" fill="${ink.green}" fill-opacity=".25"/>`),
    keyed(LEFT + 110, 340, "green's share of the queue", `<path d="M0 -4H14" stroke="${ink.odd}" stroke-width="1.6"/>`),
  ];
  return ground(frame, 'share', percent, ink) + area + strokeOf(queue, ink.odd, 1.6) + labels.join('');
}

function axis({ story }: Canvas): string {
  const frame = frameOf(story, 0, 0);
  return timeTicks(story.from, story.to, TICKS)
    .map((at) => words(xOf(frame, at), 408, `${at / 1_000} s`, { anchor: 'middle' }))
    .join('');
}

/** Lines and labels behind a chart. */
function ground(frame: Frame, name: string, labelOf: (tick: number) => string, ink: Canvas['ink']): string {
  const bottom = frame.top + frame.height;
  const lines = [bottom, ...frame.scale.ticks.map((tick) => yOf(frame, tick))].map(
    (y) => `<path d="M${LEFT} ${tenth(y)}H${LEFT + WIDTH}" stroke="${ink.line}"/>`,
  );
  const labels = frame.scale.ticks.map((tick) => words(LEFT - 6, yOf(frame, tick) + 4, labelOf(tick), { anchor: 'end' }));
  return `${lines.join('')}${labels.join('')}${words(LEFT + WIDTH, frame.top - 3, name, { anchor: 'end' })}`;
}

function keyed(x: number, y: number, text: string, sign: string): string {
  return `<g transform="translate(${x} ${y})">${sign}</g>${words(x + 18, y, text)}`;
}

function strokeOf(d: string, colour: string, width: number): string {
  return d === ''
    ? ''
    : `<path d="${d}" fill="none" stroke="${colour}" stroke-width="${width}" stroke-linejoin="round" stroke-linecap="round"/>`;
}

function words(
  x: number,
  y: number,
  text: string,
  look: { size?: number; weight?: number; fill?: string; anchor?: string } = {},
): string {
  const { size, weight, fill, anchor } = look;
  const attributes = { 'font-size': size, 'font-weight': weight, fill, 'text-anchor': anchor };
  const given = Object.entries(attributes).filter(([, value]) => value !== undefined);
  return `<text x="${tenth(x)}" y="${tenth(y)}"${given.map(([name, value]) => ` ${name}="${value}"`).join('')}>${escaped(text)}</text>`;
}

function frameOf({ from, to }: Story, top: number, height: number): Frame {
  return { left: LEFT, width: WIDTH, top, height, from, to, scale: SHARES };
}
