import { Link } from 'react-router';
import { useApplication } from '../../api/application.js';
import type { Trouble, Troubles } from '../../api/troubles.js';
import { Section } from '../../kit/page.js';
import { SkeletonLines } from '../../kit/states.js';
import { Time } from '../../kit/time.js';
import * as texts from '../../texts/en.js';
import styles from './overview.module.css';
import { reasonOf } from './reasons.js';

const words = texts.overview.failures;
const SHOWN = 6;

type Failure = Trouble['failures'][number];

/** The messages whose attempts failed last, with the reason and the way to their story. */
export function Failures({
  troubles,
  loading,
  limitedTo,
}: {
  troubles: Troubles;
  loading: boolean;
  /** How many endpoints were looked at, if not all. */
  limitedTo: number | null;
}) {
  const { at } = useApplication();
  const failures = lastOf(troubles.found);
  return (
    <Section title={words.title} actions={<Link to={at('/messages')}>{words.all}</Link>}>
      {loading ? (
        <SkeletonLines lines={4} />
      ) : failures.length > 0 ? (
        <ul className={styles['list']}>
          {failures.map((one) => (
            <Item key={one.id} {...one} />
          ))}
        </ul>
      ) : (
        !troubles.fault && <p className="muted">{words.none}</p>
      )}
      {limitedTo !== null && <p className="muted">{texts.overview.look.limited(limitedTo)}</p>}
    </Section>
  );
}

/** One attempt of each message: a message that is tried again and again would fill the list. */
function lastOf(troubles: readonly Trouble[]): Failure[] {
  const sorted = troubles.flatMap(({ failures }) => failures).toSorted((a, b) => b.timestamp.getTime() - a.timestamp.getTime());
  return sorted.filter(({ msgId }, at) => sorted.findIndex((one) => one.msgId === msgId) === at).slice(0, SHOWN);
}

function Item(attempt: Failure) {
  const { at } = useApplication();
  return (
    <li>
      <div className={styles['line']}>
        <Link to={at(`/messages/${attempt.msgId}`)} className={`mono ${styles['url']}`}>
          {attempt.msg?.eventType ?? attempt.msgId}
        </Link>
        <span className={styles['when']}>
          <Time at={attempt.timestamp} />
        </span>
      </div>
      <p>
        {reasonOf(attempt)}{' '}
        <span className="muted mono" title={attempt.url}>
          {attempt.url.replace(/^https:\/\//, '')}
        </span>
      </p>
    </li>
  );
}
