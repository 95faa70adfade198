import { p99 } from './load/latency.js';
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
}

export interface Seen {
  counted: Counted;
  /** Tries before the deployment began, to compare with. */
  before: readonly Try[];
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
/** In a canary, green may deliver so many times its share of the traffic: it is a random share, and what was refused is delivered again. */
const MOST_TIMES_SHARE = 2;
/** A canary of fewer seconds says nothing of the share. */
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
    verdict('no request failed but in a time that allows it', failed.length === 0, summary(failed)),
  ];
  verdicts.push(...ofShares(seen.samples));
  if (!kills)
    verdicts.push(always('no message came twice', counted.duplicates.length === 0, `${counted.duplicates.length} came twice`));
  if (seen.judgesTimes && windows.length === 0 && !kills) verdicts.push(ofTimes(seen));
  return verdicts;
}

/** The share of the seconds in which no processor was free, 0 to 1. */
export function busyShare(samples: readonly Sample[]): number {
  return samples.length === 0 ? 0 : samples.filter(isBusy).length / samples.length;
}

/** Whether no processor was free in the second of a sample. */
export const isBusy = ({ idle }: Sample): boolean => idle < LEAST_IDLE;

/** What other work does to the times makes them longer: if they are kept in all seconds, nobody has to ask which ones were quiet. */
function ofTimes({ before, counted, starts, samples, zero }: Seen): Verdict {
  const busy = samples.filter(isBusy).map(({ at }) => ({ from: zero + at - SECOND_MS, to: zero + at }));
  const isQuiet = ({ at, ms }: Try) => !busy.some(({ from, to }) => at + ms >= from && at <= to);
  const calm = p99(before.filter(isQuiet));
  const text = 'p99 is at most three times its value before';
  const ofTries = (tries: readonly Try[]) => {
    const during = p99(tries);
    const kept = during <= Math.max(NOT_JUDGED_MS, MOST_TIMES_SLOWER * calm);
    return { ...verdict(text, kept, `${during.toFixed(0)} ms, before ${calm.toFixed(0)} ms`), needsQuiet: true };
  };
  const others = counted.tries.filter((one) => !isBesideStart(one, starts));
  const ofAll = ofTries(others);
  if (ofAll.holds) return ofAll;
  const judged = others.filter(isQuiet);
  if (judged.length >= others.length * LEAST_JUDGED) return ofTries(judged);
  const detail = `it can't be judged: ${busy.length} of ${samples.length} seconds had no processor free`;
  return { ...verdict(text, false, detail), needsQuiet: true };
}

/** Green delivers nothing before it has traffic, and in the canary its share. */
function ofShares(samples: readonly Sample[]): Verdict[] {
  const shareOf = ({ colours: [blue, green] }: Sample) => green.weight / (blue.weight + green.weight);
  const first = samples.findIndex((sample) => shareOf(sample) > 0);
  const early = samples.slice(0, first < 0 ? undefined : first).reduce((sum, { colours }) => sum + colours[1].deliveries, 0);
  const since = first < 0 ? [] : samples.slice(first);
  const end = since.findIndex((sample) => shareOf(sample) <= 0 || shareOf(sample) >= 1);
  const canary = since.slice(0, end < 0 ? undefined : end);
  const verdicts = [verdict('green delivers nothing before it has traffic', early === 0, `${early} deliveries`)];
  if (canary.length < LEAST_CANARY_SAMPLES) return verdicts;
  const [blue, green] = [0, 1].map((nth) => canary.reduce((sum, { colours }) => sum + colours[nth]!.deliveries, 0));
  const share = green! / (blue! + green!);
  const most = MOST_TIMES_SHARE * shareOf(canary[0]!);
  const detail = `${(share * 100).toFixed(1)} % of ${blue! + green!} deliveries`;
  return [...verdicts, verdict('green delivers its share in the canary', share > 0 && share <= most, detail)];
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

function isBesideStart({ at, ms }: Try, starts: readonly number[]): boolean {
  return starts.some((start) => at + ms >= start && at <= start + START_MS);
}

function summary(failed: readonly Try[]): string {
  const by = Object.entries(Object.groupBy(failed, ({ outcome }) => outcome));
  return by.length === 0 ? 'none failed' : by.map(([outcome, some]) => `${some!.length} × ${outcome}`).join(', ');
}
