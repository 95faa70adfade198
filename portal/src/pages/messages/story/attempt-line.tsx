import { lazy, Suspense, useId } from 'react';
import type { Attempt } from '../../../api/message-story.js';
import type { Message } from '../../../api/messages.js';
import { useAddress } from '../../../kit/address.js';
import { Icon } from '../../../kit/icon.js';
import { LoadedLater } from '../../../kit/missing-file.js';
import { Badge, Status } from '../../../kit/status.js';
import { SkeletonLines } from '../../../kit/states.js';
import * as texts from '../../../texts/en.js';
import { clock, duration, exact, shortTime } from '../../../texts/format.js';
import { reasonOf } from './reason.js';
import styles from './story.module.css';

const { story: words } = texts.messages;
const Exchange = lazy(() => import('./exchange.js').then((module) => ({ default: module.Exchange })));
/** As much of an answer as a line shows. */
const SHOWN_CHARS = 120;

/** One attempt: when, what came back, how long it took, why. It opens to the request and the answer; the open one stands in the address. */
export function AttemptLine({ attempt, message }: { attempt: Attempt; message: Message }) {
  const { id, at, success, statusCode, durationMs, manual } = attempt;
  const [open, setOpen] = useAddress('attempt');
  const panel = useId();
  const isOpen = open === id;
  const reason = reasonOf(attempt);
  const isToday = at.toDateString() === message.timestamp.toDateString();
  return (
    <li className={styles['attempt']}>
      <button
        type="button"
        className={styles['toggle']}
        aria-expanded={isOpen}
        aria-controls={isOpen ? panel : undefined}
        onClick={() => setOpen(isOpen ? null : id)}
      >
        <Icon name={isOpen ? 'down' : 'right'} size={12} />
        <time className="mono" dateTime={at.toISOString()} title={exact(at)}>
          {isToday ? clock(at) : shortTime(at)}
        </time>
        <Status tone={success ? 'good' : 'bad'}>
          <span className="unseen">{success ? words.outcome.success : words.outcome.fail} </span>
          <span className="mono">{reason?.word ?? statusCode}</span>
        </Status>
        <span className={`mono ${styles['duration']}`}>{duration(durationMs)}</span>
        {manual && <Badge>{words.manual}</Badge>}
        <span className={styles['said']}>{saidBy(attempt, reason?.text)}</span>
      </button>
      {isOpen && (
        <div id={panel} className={styles['panel']}>
          <LoadedLater>
            <Suspense fallback={<SkeletonLines lines={6} />}>
              <Exchange attempt={attempt} message={message} />
            </Suspense>
          </LoadedLater>
        </div>
      )}
    </li>
  );
}

/** The first bytes of the answer, or why there was none. */
function saidBy({ statusCode, response }: Attempt, why = ''): string {
  const body = response.replaceAll(/\s+/g, ' ').trim();
  if (statusCode === 0 || body === '') return why;
  return body.length > SHOWN_CHARS ? `“${body.slice(0, SHOWN_CHARS)}…”` : `“${body}”`;
}
