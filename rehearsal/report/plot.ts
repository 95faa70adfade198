import type { Series } from './series.js';

const LINEAR_UP_TO_MS = 250;

/** So many times the highest value, so that a line is not at the edge of its chart. */
export const HEADROOM = 1.1;

/** Where a chart is, and what it shows. Lengths are in units of the SVG, times in ms. */
export interface Frame {
  left: number;
  width: number;
  top: number;
  height: number;
  from: number;
  to: number;
  scale: Scale;
}

/** Values of the vertical axis. */
export interface Scale {
  /** Of the height, from the bottom: 0 to 1. */
  part(value: number): number;
  /** Values with a line and a label. */
  ticks: readonly number[];
}

/** From 0 to a round number that is at least `max`. */
export function linear(max: number): Scale {
  const top = roundUp(max);
  return { part: (value) => clamped(value / top), ticks: [top / 2, top] };
}

/** From 0 to a small number of things, which is the only label. */
export function counting(max: number): Scale {
  return { part: (value) => clamped(value / (max + 0.5)), ticks: [max] };
}

/** From 0 to 1. */
export const SHARES: Scale = { part: clamped, ticks: [0.5, 1] };

/** By powers of ten, from 1 to a power that is at least `max`. */
export function logarithmic(max: number): Scale {
  const powers = Math.max(1, Math.ceil(Math.log10(Math.max(max, 1))));
  const ticks = Array.from({ length: powers }, (_, nth) => 10 ** (nth + 1));
  return { part: (value) => clamped(Math.log10(Math.max(value, 1)) / powers), ticks };
}

/** For ms up to `max`: by powers of ten only if one of them would leave no height for the others. */
export function ofLatency(max: number): Scale & { isLinear: boolean } {
  const isLinear = max <= LINEAR_UP_TO_MS;
  return { ...(isLinear ? linear(max) : logarithmic(max)), isLinear };
}

export function xOf({ left, width, from, to }: Frame, at: number): number {
  return left + width * clamped((at - from) / Math.max(1, to - from));
}

export function yOf({ top, height, scale }: Frame, value: number): number {
  return top + height * (1 - scale.part(value));
}

/** A line from value to value. It breaks where there is none; a value between two gaps is a dot. */
export function lineOf(frame: Frame, times: readonly number[], values: Series): string {
  let [d, isOpen] = ['', false];
  values.forEach((value, nth) => {
    if (value === null) return void (isOpen = false);
    const point = `${tenth(xOf(frame, times[nth]!))} ${tenth(yOf(frame, value))}`;
    // A line of no length has round ends.
    d += isOpen ? `L${point}` : `M${point}h0`;
    isOpen = true;
  });
  return d;
}

/** A line that keeps each value from the time before to its own time: each is of the span up to it. */
export function stepsOf(frame: Frame, times: readonly number[], values: Series): string {
  const starts = startsOf(frame, times);
  let [d, isOpen] = ['', false];
  values.forEach((value, nth) => {
    if (value === null) return void (isOpen = false);
    const y = tenth(yOf(frame, value));
    d += `${isOpen ? 'L' : 'M'}${starts[nth]} ${y}H${tenth(xOf(frame, times[nth]!))}`;
    isOpen = true;
  });
  return d;
}

/** The area between two lines of steps, each of which has a value at each time; nothing if it has no height anywhere. */
export function bandOf(frame: Frame, times: readonly number[], low: readonly number[], high: readonly number[]): string {
  if (!high.some((value, nth) => value > low[nth]!)) return '';
  const starts = startsOf(frame, times);
  const back = times.map((at, nth) => `L${tenth(xOf(frame, at))} ${tenth(yOf(frame, low[nth]!))}H${starts[nth]}`).toReversed();
  return `${stepsOf(frame, times, high)}${back.join('')}Z`;
}

function startsOf(frame: Frame, times: readonly number[]): number[] {
  return times.map((_, nth) => tenth(xOf(frame, times[nth - 1] ?? frame.from)));
}

function roundUp(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return power * [1, 2, 2.5, 5, 10].find((times) => times * power >= value)!;
}

/** Times with a label: at most about `most`, at round numbers of seconds. */
export function timeTicks(from: number, to: number, most: number): number[] {
  const step = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600].find((some) => (to - from) / 1_000 / some <= most) ?? 1_800;
  const [first, last] = [Math.ceil(from / 1_000 / step), Math.floor(to / 1_000 / step)];
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, nth) => (first + nth) * step * 1_000);
}

export function tenth(value: number): number {
  return Math.round(value * 10) / 10;
}

function clamped(part: number): number {
  return Math.min(1, Math.max(0, part));
}
