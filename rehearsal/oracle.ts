import { p99, percentile } from './load/latency.js';
import type { Counted } from './load/program.js';
import { isGood, type Try } from './load/sender.js';
import type { DeploymentRecord } from './codedeploy/record.js';
import type { Sample } from './samples.js';
import type { End } from './scenarios/scenario.js';

/** A time in which something was broken on purpose, in epoch ms, and what requests may get in it. */
export interface Window {
  from: number;
  to: number;
  why: string;
  outcomes: readonly string[];
  /** So many requests at most. */
  most: number;
}

export interface Seen {
  counted: Counted;
  /** Tries before the deployment began, to compare with. */
  before: readonly Try[];
  /** When that was over, in epoch ms. */
  began: number;
  windows: readonly Window[];
  samples: readonly Sample[];
  /** Epoch ms at the zero of the samples. */
  zero: number;
  /** When the program of a task was started, in epoch ms. */
  starts: readonly number[];
  kills: boolean;
  judgesTimes: boolean;
  record: DeploymentRecord;
  /** Which build serves at the end. */
  serves: string;
  rolledBack: boolean;
}

/** One thing that has to hold. */
export interface Verdict {
  text: string;
  holds: boolean;
  detail: string;
  /** No machine is too slow for it. */
  always?: boolean;
  /** Another scenario beside it may be why it does not hold. */
  needsQuiet?: boolean;
}

/** p99 of requests may be so many times what it was before; below so many ms it is not judged, because any other work on the machine is more. */
const MOST_TIMES_SLOWER = 3;
const NOT_JUDGED_MS = 50;
/** A task that starts takes the processors of this machine for so long; on AWS it has one of its own. */
const START_MS = 10_000;
/** Seconds in which the processors were idle for less than this share say nothing of the service, but of what else runs beside it. */
const LEAST_IDLE = 0.1;
/** Of the requests that are not beside the start of a task, at least this share must be from other seconds. */
const LEAST_JUDGED = 0.25;
const SECOND_MS = 1_000;
const SPELL_MS = 10_000;
/** Fewer requests are no ten seconds. */
const LEAST_SPELL = 500;
/** In a canary, green may deliver so many times its share of the traffic: it is a random share, and what was refused is delivered again. */
const MOST_TIMES_SHARE = 2;
/** A canary of fewer seconds says nothing of the share, nor of the times. */
const LEAST_CANARY_SAMPLES = 10;

/** What a scenario has to keep, and whether it did. */
export function judge(end: End, seen: Seen): Verdict[] {
  const { counted, windows, kills, record } = seen;
  const failed = counted.tries.filter((one) => !isGood(one.outcome) && !isExcused(one, windows));
  const verdicts = [
    always('no accepted message is lost', counted.missing === 0, `${counted.missing} of ${counted.accepted} did not arrive`),
    verdict(
      `the deployment is ${end.status}`,
      record.status === end.status,
      `${record.status}${record.error ? `: ${record.error.message}` : ''}`,
    ),
    verdict(`the build ${end.serves} serves`, seen.serves === end.serves, seen.serves),
    verdict(
      end.rolledBack ? 'it was rolled back' : 'it was not rolled back',
      seen.rolledBack === end.rolledBack,
      String(seen.rolledBack),
    ),
    ...(end.because ? [ofCause(end.because, record)] : []),
    verdict('no request failed but in a time that allows it', failed.length === 0, summary(failed)),
    ...windows.filter(({ most }) => Number.isFinite(most)).map((window) => ofWindow(window, counted.tries)),
    ...ofShares(seen.samples),
  ];
  if (!kills)
    verdicts.push(always('no message came twice', counted.duplicates.length === 0, `${counted.duplicates.length} came twice`));
  if (seen.judgesTimes && windows.length === 0 && !kills) verdicts.push(...ofTimes(seen));
  return verdicts;
}

/** The share of the seconds in which no processor was free, 0 to 1. */
export function busyShare(samples: readonly Sample[]): number {
  return samples.length === 0 ? 0 : samples.filter(isBusy).length / samples.length;
}

/** Whether no processor was free in the second of a sample. */
export const isBusy = ({ idle }: Sample): boolean => idle < LEAST_IDLE;

/** The same end can have other causes, which would hide that the one of the scenario does nothing. */
function ofCause(because: RegExp, { error }: DeploymentRecord): Verdict {
  const cause = error ? `${error.code}: ${error.message}` : 'nothing ended it';
  return verdict('it ended for the reason that the scenario is about', because.test(cause), cause);
}

function ofWindow(window: Window, tries: readonly Try[]): Verdict {
  const excused = tries.filter((one) => !isGood(one.outcome) && isExcused(one, [window]));
  return verdict(`at most ${window.most} requests failed with: ${window.why}`, excused.length <= window.most, summary(excused));
}

/** What other work does to the times makes them longer: if they are kept in all seconds, nobody has to ask which ones were quiet. */
function ofTimes(seen: Seen): Verdict[] {
  const { before, counted, starts, samples, began } = seen;
  const isQuiet = quietIn(seen);
  const calm = p99(before.filter(isQuiet));
  const bound = Math.max(NOT_JUDGED_MS, MOST_TIMES_SLOWER * calm);
  const others = counted.tries.filter((one) => one.at >= began && !one.isBurst && !isBesideStart(one, starts));
  const quiet = others.filter(isQuiet);
  const timed = (text: string, ofTries: (tries: readonly Try[]) => number) => {
    const told = (tries: readonly Try[]) => {
      const ms = ofTries(tries);
      return { ...verdict(text, ms <= bound, `${ms.toFixed(0)} ms, before ${calm.toFixed(0)} ms`), needsQuiet: true };
    };
    const ofAll = told(others);
    if (ofAll.holds || quiet.length >= others.length * LEAST_JUDGED) return ofAll.holds ? ofAll : told(quiet);
    const busy = samples.filter(isBusy).length;
    const detail = `it can't be judged: ${busy} of ${samples.length} seconds had no processor free`;
    return { ...verdict(text, false, detail), needsQuiet: true };
  };
  return [
    timed('p99 is at most three times its value before', p99),
    timed('in each ten seconds, 19 of 20 requests keep to that too', slowestSpell),
    ...ofCanaryTimes(seen, bound),
  ];
}

/** Whether a processor was free while a request was under way. */
function quietIn({ samples, zero }: Seen): (one: Try) => boolean {
  const busy = samples.filter(isBusy).map(({ at }) => ({ from: zero + at - SECOND_MS, to: zero + at }));
  return ({ at, ms }) => !busy.some(({ from, to }) => at + ms >= from && at <= to);
}

/** The highest p95 of ten seconds: over a whole release, a standstill of a second does not show in p99. */
function slowestSpell(tries: readonly Try[]): number {
  const spells = Object.values(Object.groupBy(tries, ({ at }) => Math.floor(at / SPELL_MS)));
  return Math.max(0, ...spells.filter((some) => some!.length >= LEAST_SPELL).map((some) => percentile(some!, 0.95)));
}

/** Green has a small part of the requests in a canary: over all, it does not show if they are slow. */
function ofCanaryTimes({ samples, starts, zero }: Seen, bound: number): Verdict[] {
  const canary = samples.filter(
    (sample) =>
      sample.colours.every(({ weight, requests }) => weight > 0 && requests > 0) &&
      !isBusy(sample) &&
      !isBesideStart({ at: zero + sample.at - SECOND_MS, ms: SECOND_MS }, starts),
  );
  if (canary.length < LEAST_CANARY_SAMPLES) return [];
  const slowest = [0, 1].map((nth) =>
    percentile(
      canary.map(({ colours }) => ({ ms: colours[nth]!.p99Ms })),
      0.5,
    ),
  );
  const text = 'in most seconds of the canary, both colours keep to that too';
  const detail = `p99 of the median second: blue ${slowest[0]!.toFixed(0)} ms, green ${slowest[1]!.toFixed(0)} ms`;
  return [{ ...verdict(text, Math.max(...slowest) <= bound, detail), needsQuiet: true }];
}

const shareOf = ({ colours }: Sample, nth: number) => colours[nth]!.weight / (colours[0].weight + colours[1].weight);
const deliveriesOf = (samples: readonly Sample[], nth: number) =>
  samples.reduce((sum, { colours }) => sum + colours[nth]!.deliveries, 0);

/** Of each release: its colour delivers nothing before it has traffic, and its share while both have some. */
function ofShares(samples: readonly Sample[]): Verdict[] {
  const canaries = canariesOf(samples);
  const early = canaries.reduce((sum, { before, incoming }) => sum + deliveriesOf(before ?? [], incoming), 0);
  const text = 'green delivers nothing before it has traffic';
  const verdicts = [always(text, early === 0, `${early} deliveries`)];
  for (const { during, incoming } of canaries) {
    if (during.length < LEAST_CANARY_SAMPLES) continue;
    const [green, all] = [deliveriesOf(during, incoming), deliveriesOf(during, 0) + deliveriesOf(during, 1)];
    const share = green / all;
    const weight = during.reduce((sum, sample) => sum + shareOf(sample, incoming), 0) / during.length;
    const detail = `${(share * 100).toFixed(1)} % of ${all} deliveries, with ${(weight * 100).toFixed(0)} % of the traffic`;
    verdicts.push(verdict('green delivers its share in the canary', share > 0 && share <= MOST_TIMES_SHARE * weight, detail));
  }
  return verdicts;
}

interface Canary {
  /** Which colour comes in. */
  incoming: number;
  /** While its new tasks have no traffic. Null until those of the release before are gone. */
  before: Sample[] | null;
  /** While both have traffic. */
  during: Sample[];
}

/** The colour without traffic comes in with each release. One that never gets any has a `before` alone. */
function canariesOf(samples: readonly Sample[]): Canary[] {
  const found: Canary[] = [];
  let canary: Canary | null = null;
  for (const sample of samples) {
    const waiting = sample.colours.findIndex(({ weight }) => weight === 0);
    if (waiting < 0) {
      canary?.during.push(sample);
      continue;
    }
    if (!canary || canary.during.length > 0 || canary.incoming !== waiting) {
      canary = { incoming: waiting, before: null, during: [] };
      found.push(canary);
    }
    if (Object.keys(sample.colours[waiting]!.targets).length === 0) canary.before = [];
    canary.before?.push(sample);
  }
  return found;
}

function verdict(text: string, holds: boolean, detail: string): Verdict {
  return { text, holds, detail };
}

function always(text: string, holds: boolean, detail: string): Verdict {
  return { ...verdict(text, holds, detail), always: true };
}

function isExcused({ at, ms, outcome, hasRetryAfter }: Try, windows: readonly Window[]): boolean {
  return windows.some(
    ({ from, to, outcomes }) => at + ms >= from && at <= to && outcomes.includes(outcome) && (outcome !== '503' || hasRetryAfter),
  );
}

function isBesideStart({ at, ms }: Pick<Try, 'at' | 'ms'>, starts: readonly number[]): boolean {
  return starts.some((start) => at + ms >= start && at <= start + START_MS);
}

function summary(failed: readonly Try[]): string {
  const by = Object.entries(Object.groupBy(failed, ({ outcome }) => outcome));
  return by.length === 0 ? 'none failed' : by.map(([outcome, some]) => `${some!.length} × ${outcome}`).join(', ');
}
