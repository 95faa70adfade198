import type { FaultRecord, Records, Try } from '../records.js';
import { verdict, type Verdict } from './verdict.js';

/** Statuses that say: come again. */
const TEMPORARY = [429, 503];
const UNWRITABLE = ['disk full', 'database read-only'];
/** Of the end of such a fault: the server notices it a moment later. */
const RECOVERING_MS = 1_000;

/** No delivery is open when nothing has happened for long enough. */
export function settled({ deliveries, settledMs }: Records): Verdict {
  const open = deliveries.filter(({ status }) => status !== 'success' && status !== 'fail');
  const violations = open.map(({ msg, ep }) => `${msg} ${ep} is still open`);
  if (settledMs === null && open.length === 0) violations.push('deliveries were open for longer than the suite waits');
  return verdict('no delivery stays open', deliveries.length, violations);
}

/** A request is answered with 202, or with a status that says: come again later. The build before answered 500 while its database could not write. */
export function answers({ tries, faults }: Records): Verdict {
  const odd = tries.filter(
    ({ status, retryAfter }) => status !== 202 && status !== 0 && !(TEMPORARY.includes(status) && retryAfter),
  );
  const unwritable = faults.filter(({ kind }) => UNWRITABLE.includes(kind));
  // A request that was under way when the fault began met it too.
  const isOld = ({ at, ms, allowedMs, status }: Try) =>
    status === 500 && allowedMs === null && unwritable.some(({ from, to }) => at + ms >= from && at <= to + RECOVERING_MS);
  const wrong = odd.filter((one) => !isOld(one));
  const texts = wrong.map(
    ({ at, status }) =>
      `${new Date(at).toISOString()} was answered with ${status}${TEMPORARY.includes(status) ? ' without Retry-After' : ''}`,
  );
  const exceptions: Record<string, number> =
    wrong.length < odd.length ? { 'answered 500 by the build before, which could not write': odd.length - wrong.length } : {};
  return verdict('an answer is 202 or says when to come again', tries.length, texts, exceptions);
}

/**
 * A request is answered within the time that is stated for it, or its connection breaks. Time in which a process of the service stood still
 * does not count, because it could not know of it.
 */
export function punctual({ tries, faults }: Records): Verdict {
  const judged = tries.filter(({ allowedMs }) => allowedMs !== null);
  const freezes = faults.filter(({ froze }) => froze);
  const late = judged.filter((one) => one.ms > one.allowedMs! && one.ms - stoodStillMs(one, freezes) > one.allowedMs!);
  const texts = late.map(
    ({ at, ms, allowedMs, status }) =>
      `${new Date(at).toISOString()} was answered with ${status || 'nothing'} after ${ms} ms, allowed were ${Math.round(allowedMs!)}`,
  );
  return verdict('every request is answered in time', judged.length, texts);
}

function stoodStillMs({ at, ms }: Try, freezes: readonly FaultRecord[]): number {
  return freezes.reduce((sum, { from, to }) => sum + Math.max(0, Math.min(at + ms, to) - Math.max(at, from)), 0);
}

/** /health is red while a dependency is away; after each fault it is green, and messages are accepted and delivered, in time. */
export function health({ faults, rules }: Records): Verdict {
  const violations = faults.flatMap((fault) => {
    const { kind, target, acceptsMs, deliversMs, greenMs, mustBeRed, wasRed } = fault;
    const late = (ms: number | null) => ms === null || ms > fault.allowedMs;
    const what = [
      ...(mustBeRed && !wasRed ? [`/health was not red ${rules.redMs / 1000} s after it began`] : []),
      ...(late(greenMs) ? ['/health was not green again'] : []),
      ...(late(acceptsMs) ? ['no message was accepted again'] : []),
      ...(late(deliversMs) ? ['no message was delivered again'] : []),
    ];
    return what.map(
      (text) =>
        `${kind} (${target}) at ${new Date(fault.from).toISOString()}: ${text}${text.startsWith('/health was not red') ? '' : ` within ${Math.round(fault.allowedMs / 1000)} s`}`,
    );
  });
  return verdict('health is red in time and green again', faults.length, violations);
}

/** A process of the service ends when it is told to, and never by itself. */
export function exits(records: Records): Verdict {
  return verdict(
    'no process ends by itself',
    records.faults.length,
    records.exits.map(({ process, at, how }) => `${process} ended at ${new Date(at).toISOString()}: ${how}`),
  );
}
