import { Link } from 'react-router';
import { useApplication } from '../../api/application.js';
import { MOST_WAITING, type Troubles } from '../../api/troubles.js';
import { Section } from '../../kit/page.js';
import { ErrorBox, SkeletonLines } from '../../kit/states.js';
import { Status } from '../../kit/status.js';
import * as texts from '../../texts/en.js';
import { judge, type Judged } from './judged.js';
import styles from './overview.module.css';

const words = texts.overview.look;

/** Endpoints that fail or are disabled: the reason in words, and the way to the endpoint. */
export function Look({
  troubles,
  loading,
  limitedTo,
}: {
  troubles: Troubles;
  /** A list that grows would move what was already read: it is shown as a whole. */
  loading: boolean;
  /** How many endpoints were looked at, if not all. */
  limitedTo: number | null;
}) {
  const judged = judge(troubles.found);
  return (
    <Section title={words.title}>
      {!loading && troubles.fault && <ErrorBox fault={troubles.fault} onRetry={troubles.retry} />}
      {loading ? (
        <SkeletonLines lines={4} />
      ) : judged.length > 0 ? (
        <ul className={styles['list']}>
          {judged.map((one) => (
            <Item key={one.trouble.endpoint.id} {...one} />
          ))}
        </ul>
      ) : (
        !troubles.fault && <p className="muted">{words.none}</p>
      )}
      {!loading && limitedTo !== null && <p className="muted">{words.limited(limitedTo)}</p>}
    </Section>
  );
}

function Item({ trouble: { endpoint, waiting }, kind, tone, reason }: Judged) {
  const { at } = useApplication();
  return (
    <li>
      <div className={styles['line']}>
        <Link to={at(`/endpoints/${endpoint.id}`)} className={`mono ${styles['url']}`} title={endpoint.url}>
          {endpoint.url.replace(/^https:\/\//, '')}
        </Link>
        <Status tone={tone}>{words.states[kind]}</Status>
      </div>
      <p>
        {reason} {waiting > 0 && words.waiting(waiting, MOST_WAITING)}
      </p>
    </li>
  );
}
