import type { FaultRecord, ListedAttempt, Receipt, Records } from '../records.js';
import { byDelivery } from './lookup.js';

/** A killed process is noted a moment after it died. */
const BEFORE_MS = 1_000;
/** What reached the receiver this much before the time limit may have been answered after it. */
const MARGIN_MS = 1_000;

/** What a request that a receiver got is in the list of attempts; `unlisted` is a violation, the others are not. */
export type Fate = 'listed' | 'late' | 'again' | 'killed' | 'unlisted';

/** The requests and attempts of one delivery, side by side. */
export interface Matched {
  receipts: { receipt: Receipt; fate: Fate }[];
  /** Attempts that no receiver saw. `excused`: a process stood still at the time, and gave up before it sent anything. */
  unseen: { attempt: ListedAttempt; excused: boolean }[];
}

/**
 * Finds for each request the listed attempt that it was: the one with the same answer that is nearest in time first. An attempt without an answer may also be a request that
 * was answered too late.
 */
export function matchAttempts({ receipts, attempts, faults, rules }: Records): Map<string, Matched> {
  const seen = byDelivery(receipts);
  const listed = byDelivery(attempts);
  const keys = new Set([...seen.keys(), ...listed.keys()]);
  return new Map([...keys].map((key) => [key, match(seen.get(key) ?? [], listed.get(key) ?? [], { faults, rules })]));
}

type Rules = Pick<Records, 'faults' | 'rules'>;

function match(receipts: readonly Receipt[], attempts: readonly ListedAttempt[], { faults, rules }: Rules): Matched {
  const left = attempts.toSorted((a, b) => a.at - b.at);
  const take = (fits: (attempt: ListedAttempt) => boolean) => {
    const at = left.findIndex(fits);
    if (at >= 0) left.splice(at, 1);
    return at >= 0;
  };
  const inOrder = receipts.toSorted((a, b) => a.at - b.at);
  const same = new Set<Receipt>();
  const made = (attempt: ListedAttempt, receipt: Receipt) => madeAt(attempt, receipt, faults);
  const pair = (answered: boolean, withinMs: number) => {
    for (const attempt of left.filter(({ code }) => (code !== 0) === answered)) {
      const apartMs = (receipt: Receipt) => Math.abs(made(attempt, receipt) - receipt.at);
      const alike = inOrder.filter(
        (receipt) =>
          !same.has(receipt) &&
          !late.has(receipt) &&
          (receipt.code ?? 0) === attempt.code &&
          receipt.at <= made(attempt, receipt) + attempt.ms + withinMs,
      );
      const nearest = alike.toSorted((a, b) => apartMs(a) - apartMs(b))[0];
      if (nearest && take((one) => one === attempt)) same.add(nearest);
    }
  };
  // The second request of an attempt, after its first one was reset: it was answered at the end of the time limit of both.
  const late = new Set<Receipt>();
  pair(true, Infinity);
  for (const receipt of inOrder.filter((one) => one.code !== null && !same.has(one)))
    if (take((attempt) => attempt.code === 0 && isAtEndOf(made(attempt, receipt), attempt.ms, receipt, rules.timeoutMs)))
      late.add(receipt);
  // A request that arrived after its attempt had ended was one of a receiver that stood still, unless nothing else was.
  pair(false, MARGIN_MS);
  for (const receipt of inOrder.filter((one) => one.code !== null && !same.has(one) && !late.has(one)))
    if (take((attempt) => attempt.code === 0 && isTooLate(receipt, made(attempt, receipt), { faults, rules }))) late.add(receipt);
  pair(false, Infinity);
  const fateOf = (receipt: Receipt): Fate => {
    if (same.has(receipt)) return 'listed';
    if (late.has(receipt)) return 'late';
    if (receipt.code === null) return 'again';
    return killedAfter(receipt.at, faults, rules.leaseMs) ? 'killed' : 'unlisted';
  };
  const fates = inOrder.map((receipt) => ({ receipt, fate: fateOf(receipt) }));
  return {
    receipts: fates,
    unseen: left.map((attempt) => ({ attempt, excused: attempt.code === 0 && frozeNear(attempt.at, faults, rules.timeoutMs) })),
  };
}

/** When an attempt was made if it was this request: its process may have noted it by a skewed clock. */
function madeAt(attempt: ListedAttempt, receipt: Receipt, faults: readonly FaultRecord[]): number {
  const skews = faults.filter(({ from, to }) => receipt.at >= from && receipt.at <= to).map(({ skewMs }) => skewMs);
  const times = [0, ...skews].map((skewMs) => attempt.at - skewMs);
  return times.toSorted((a, b) => Math.abs(a - receipt.at) - Math.abs(b - receipt.at))[0]!;
}

function isTooLate(receipt: Receipt, madeAtMs: number, { faults, rules }: Rules): boolean {
  return receipt.at >= madeAtMs + rules.timeoutMs - MARGIN_MS || frozeNear(receipt.at, faults, rules.timeoutMs);
}

function isAtEndOf(madeAtMs: number, lastedMs: number, receipt: Receipt, timeoutMs: number): boolean {
  return receipt.at >= madeAtMs + timeoutMs - MARGIN_MS && receipt.at <= madeAtMs + lastedMs + MARGIN_MS;
}

/** An outcome may wait for the database as long as the claim is good, and the process that holds it may be killed meanwhile. */
function killedAfter(at: number, faults: readonly FaultRecord[], leaseMs: number): boolean {
  return faults.some(({ killed, from }) => killed && from >= at - BEFORE_MS && from <= at + leaseMs);
}

function frozeNear(at: number, faults: readonly FaultRecord[], timeoutMs: number): boolean {
  const ms = timeoutMs + MARGIN_MS;
  return faults.some(({ froze, from, to }) => froze && at >= from - ms && at <= to + ms);
}
