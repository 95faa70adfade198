import type { ColourSample, Sample } from '../samples.js';
import { COLOURS } from './cast.js';
import type { Panel, Shown } from './panel.js';
import { counting, HEADROOM, linear, ofLatency, SHARES } from './plot.js';
import * as series from './series.js';
import { count, millis, percent } from './words.js';

/** More kinds of failures than these share one look. */
const FAILURE_LOOKS = ['f-bad', 'h-bad', 'f-bad1', 'f-bad2'];

const inNumbers = (tick: number) => count(tick);
const inPercent = (tick: number) => percent(tick);

/** All charts of a scenario, from top to bottom. */
export function panelsOf(samples: readonly Sample[]): Panel[] {
  return [
    traffic(samples),
    shares(samples),
    errors(samples),
    latency(samples),
    ...COLOURS.map((_, nth) => targets(samples, nth as 0 | 1)),
  ];
}

function traffic(samples: readonly Sample[]): Panel {
  const [blue, green] = [0, 1].map((nth) => series.rates(samples, ({ colours }) => colours[nth]!.requests)) as [
    number[],
    number[],
  ];
  const both = blue.map((rate, nth) => rate + green[nth]!);
  const most = series.highest(both);
  return {
    title: 'Traffic',
    unit: 'requests a second, by target group',
    summary: `Requests a second. Blue: ${overTime(blue)}. Green: ${overTime(green)}. Together at most ${Math.round(most)}.`,
    height: 130,
    scale: linear(most * HEADROOM),
    labelOf: inNumbers,
    shown: [
      { name: 'blue', look: 'f-blue', kind: 'area', values: blue },
      { name: 'green', look: 'h-green', kind: 'area', values: both, low: blue },
      { name: 'both', look: 'l thin s-ink', kind: 'steps', values: both },
    ],
  };
}

function shares(samples: readonly Sample[]): Panel {
  const weights = samples.map(series.weightShare);
  const requests = samples.map(series.trafficShare);
  const queue = samples.map(({ queueShare }) => queueShare);
  return {
    title: "Green's share",
    unit: 'of weights, requests, and deliveries from the queue',
    summary: `Green's share of the weights: ${overTime(weights, percent)}. Of the requests: ${overTime(requests, percent)}. Of the deliveries: ${overTime(queue, percent)}.`,
    height: 110,
    scale: SHARES,
    labelOf: inPercent,
    shown: [
      { name: 'weight', look: 'f-green', kind: 'area', values: weights },
      { name: 'requests', look: 'l s-green dash', kind: 'line', values: requests },
      { name: 'deliveries', look: 'l s-odd', kind: 'line', values: queue },
    ],
  };
}

function errors(samples: readonly Sample[]): Panel {
  const kinds = series.failuresByOutcome(samples);
  const named = kinds.length > FAILURE_LOOKS.length ? kinds.slice(0, FAILURE_LOOKS.length - 1) : kinds;
  const failures = series.rates(samples, series.failuresOf);
  let low = samples.map(() => 0);
  const stacked: Shown[] = named.map(([outcome, times], nth) => {
    const from = low;
    const rates = series.rates(samples, ({ load }) => load.failures[outcome] ?? 0);
    low = rates.map((rate, at) => rate + from[at]!);
    return {
      name: `clients got ${outcome}`,
      note: count(times),
      look: FAILURE_LOOKS[nth]!,
      kind: 'area',
      values: low,
      low: from,
    };
  });
  if (named.length < kinds.length)
    stacked.push({ name: 'clients got others', look: FAILURE_LOOKS.at(-1)!, kind: 'area', values: failures, low });
  const both = (of: (colour: ColourSample) => number) => (sample: Sample) => of(sample.colours[0]) + of(sample.colours[1]);
  const lines = [
    { name: 'targets answered 5xx', look: 'l s-warn dash', of: both(series.errorsOf) },
    { name: 'load balancer refused', look: 'l s-odd', of: both(series.refusalsOf) },
  ].map(({ name, look, of }): Shown => {
    const times = samples.reduce((sum, sample) => sum + of(sample), 0);
    return { name, look, note: count(times), kind: 'steps', values: series.rates(samples, of) };
  });
  const most = series.highest(failures, ...lines.map(({ values }) => values));
  const sums = [...stacked, ...lines].map(({ name, note }) => `${name}: ${note ?? 'some'}`);
  return {
    title: 'Errors',
    unit: 'a second',
    summary: `Errors a second. ${most === 0 ? 'None in the whole time.' : `At most ${Math.round(most)}. ${sums.join(', ')}.`}`,
    height: most === 0 ? 44 : 110,
    scale: linear(most),
    labelOf: inNumbers,
    shown: most === 0 ? [] : [...stacked, ...lines],
    ...(most === 0 ? { nothing: 'none in the whole time' } : {}),
  };
}

function latency(samples: readonly Sample[]): Panel {
  const clients = samples.map(({ load }) => (load.tries > 0 ? load.p99Ms : null));
  const of = (nth: number, value: 'p50Ms' | 'p99Ms') =>
    samples.map(({ colours }) => (series.answersOf(colours[nth]!) > 0 ? colours[nth]![value] : null));
  const shown: Shown[] = [
    { name: 'clients p99', look: 'l s-ink', kind: 'line', values: clients },
    { name: 'blue p99', look: 'l s-blue', kind: 'line', values: of(0, 'p99Ms') },
    { name: 'blue p50', look: 'l thin s-blue dots', kind: 'line', values: of(0, 'p50Ms') },
    { name: 'green p99', look: 'l s-green dash', kind: 'line', values: of(1, 'p99Ms') },
    { name: 'green p50', look: 'l thin s-green dots', kind: 'line', values: of(1, 'p50Ms') },
  ];
  const scale = ofLatency(series.highest(...shown.map(({ values }) => values)));
  return {
    title: 'Latency',
    unit: scale.isLinear ? 'ms' : 'ms, by powers of ten',
    summary: `Latency. p99 that clients saw: ${overTime(clients, millis)}.`,
    height: 130,
    scale,
    labelOf: (tick) => `${count(tick)} ms`,
    shown,
  };
}

function targets(samples: readonly Sample[], nth: 0 | 1): Panel {
  const colour = COLOURS[nth];
  const looks = { healthy: nth === 0 ? 'f-blue' : 'h-green', initial: 'f-soft', unhealthy: 'f-bad', draining: 'h-soft' } as const;
  let low = samples.map(() => 0);
  const shown = (Object.keys(looks) as (keyof typeof looks)[]).map((state): Shown => {
    const from = low;
    low = samples.map(({ colours }, at) => from[at]! + (colours[nth].targets[state] ?? 0));
    return { name: state, look: looks[state], kind: 'area', values: low, low: from };
  });
  const healthy = samples.map(({ colours }) => colours[nth].targets.healthy ?? 0);
  const unhealthy = samples.map(({ colours }) => colours[nth].targets.unhealthy ?? 0);
  return {
    title: `Targets of ${colour}`,
    unit: 'by health',
    summary: `Targets of ${colour}. Healthy: ${overTime(healthy)}. Unhealthy: at most ${series.highest(unhealthy)}.`,
    height: 64,
    scale: counting(Math.max(1, series.highest(low))),
    labelOf: inNumbers,
    shown,
  };
}

/** `200 at first, at most 210, 0 in the end`. */
function overTime(values: series.Series, words: (value: number) => string = (value) => String(Math.round(value))): string {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return 'nothing';
  return `${words(known[0]!)} at first, at most ${words(series.highest(known))}, ${words(known.at(-1)!)} in the end`;
}
