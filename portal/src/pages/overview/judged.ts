import type { Trouble } from '../../api/troubles.js';
import type { Tone } from '../../kit/status.js';
import * as texts from '../../texts/en.js';
import { reasonOf } from './reasons.js';

const words = texts.overview.look;
/** Below this share of failures an endpoint is left alone: each service restarts now and then. */
const MANY = 0.05;
const MOST = 0.5;

export type Kind = keyof typeof words.states;

/** An endpoint that somebody should look at, and why. */
export interface Judged {
  trouble: Trouble;
  kind: Kind;
  tone: Tone;
  reason: string;
}

const ORDER: readonly Kind[] = ['unreadable', 'failing', 'partly', 'disabled', 'again'];

/** What needs a look, the worst first. */
export function judge(troubles: readonly Trouble[]): Judged[] {
  return troubles
    .flatMap((trouble) => {
      const judged = judgeOne(trouble);
      return judged ? [{ trouble, ...judged }] : [];
    })
    .toSorted((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind) || b.trouble.failed - a.trouble.failed);
}

function judgeOne({ endpoint, delivered, failed, worksNow, failures }: Trouble): Omit<Judged, 'trouble'> | null {
  const last = failures[0] ? reasonOf(failures[0]) : '';
  const share = failed / Math.max(delivered + failed, 1);
  if (endpoint.unreadable !== undefined)
    return { kind: 'unreadable', tone: 'bad', reason: words.unreadable(endpoint.unreadable) };
  if (endpoint.disabled) {
    const failedLast = last !== '' && !worksNow;
    return { kind: 'disabled', tone: 'off', reason: failedLast ? words.disabledAfter(last) : words.disabled };
  }
  if (failed > 0 && delivered === 0) return { kind: 'failing', tone: 'bad', reason: words.all(failed, last) };
  if (share < MANY) return null;
  if (!worksNow && share >= MOST) return { kind: 'failing', tone: 'bad', reason: words.share(share, last) };
  if (worksNow) return { kind: 'again', tone: 'waiting', reason: words.again(share, last) };
  return { kind: 'partly', tone: 'bad', reason: words.share(share, last) };
}
