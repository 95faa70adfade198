import type { ColourSample, Sample } from '../samples.js';

/** Between two samples; the first one is of so many ms too. */
const USUAL_MS = 1_000;

/** A value over time; null where there is none. */
export type Series = readonly (number | null)[];

/** A second of each sample's count: samples are not exactly a second apart. */
export function rates(samples: readonly Sample[], countOf: (sample: Sample) => number): number[] {
  return samples.map((sample, nth) => (countOf(sample) * 1_000) / spanOf(samples, nth));
}

/** Real ms that a sample is about. */
export function spanOf(samples: readonly Sample[], nth: number): number {
  const [before, sample] = [samples[nth - 1], samples[nth]!];
  return before ? Math.max(1, sample.at - before.at) : USUAL_MS;
}

/** Green's share of the production listener's weights; null if nothing has a weight. */
export function weightShare({ colours: [blue, green] }: Sample): number | null {
  return shareOf(green.weight, blue.weight + green.weight);
}

/** Green's share of the requests. */
export function trafficShare({ colours: [blue, green] }: Sample): number | null {
  return shareOf(green.requests, blue.requests + green.requests);
}

/** Requests that failed. */
export function failuresOf({ load }: Sample): number {
  return sumOf(load.failures);
}

/** Answers of the load balancer in place of a target. */
export function refusalsOf(colour: ColourSample): number {
  return sumOf(colour.refused);
}

/** Answers 5xx of targets. */
export function errorsOf({ answers }: ColourSample): number {
  return answers['5xx'] ?? 0;
}

/** Answers of targets of any kind. */
export function answersOf({ answers }: ColourSample): number {
  return sumOf(answers);
}

/** Outcomes of failed requests with their counts, the most frequent first. */
export function failuresByOutcome(samples: readonly Sample[]): [string, number][] {
  const sums = new Map<string, number>();
  for (const { load } of samples)
    for (const [outcome, times] of Object.entries(load.failures)) sums.set(outcome, (sums.get(outcome) ?? 0) + times);
  return [...sums].toSorted(([, one], [, other]) => other - one);
}

/** The highest value; 0 of none. */
export function highest(...series: readonly Series[]): number {
  return series.reduce((most, one) => one.reduce<number>((max, value) => Math.max(max, value ?? 0), most), 0);
}

function shareOf(part: number, all: number): number | null {
  return all === 0 ? null : part / all;
}

function sumOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, times) => sum + times, 0);
}
