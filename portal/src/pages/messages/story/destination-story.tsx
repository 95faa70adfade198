import type { UseMutationResult } from '@tanstack/react-query';
import { Link } from 'react-router';
import { useApplication, useCannot } from '../../../api/application.js';
import { faultOf } from '../../../api/errors.js';
import { useEndpointNow, type Attempt, type Destination } from '../../../api/message-story.js';
import type { Message } from '../../../api/messages.js';
import { Button } from '../../../kit/button.js';
import { Status } from '../../../kit/status.js';
import { Time, useNow } from '../../../kit/time.js';
import { useToast } from '../../../kit/toast.js';
import * as texts from '../../../texts/en.js';
import { AttemptLine } from './attempt-line.js';
import { useMostAttempts } from '../../../api/settings.js';
import { standingOf, type EndpointNow } from './standing.js';
import styles from './story.module.css';

const { story: words } = texts.messages;

export interface DestinationStoryProps {
  message: Message;
  destination: Destination;
  /** Those at this endpoint, the oldest first. */
  attempts: readonly Attempt[];
  /** A resend was asked for, and its attempt is not there yet. */
  awaited: boolean;
  resend: Pick<UseMutationResult<unknown, Error, string>, 'mutate' | 'isPending' | 'variables'>;
}

/** One endpoint in the story: how the message stands there and why, what comes next, and each attempt. */
export function DestinationStory({ message, destination, attempts, awaited, resend }: DestinationStoryProps) {
  const { at } = useApplication();
  const now = useNow();
  const { data: endpoint } = useEndpointNow(destination.id, destination.statusText !== 'success');
  const { tone, headline, why, help } = standingOf({
    message,
    destination,
    attempts,
    endpoint,
    now,
    most: useMostAttempts(),
    awaited,
  });
  return (
    <li className={`${styles['item']} ${styles[tone]}`}>
      <div className={styles['line']}>
        <h2 className={styles['url']}>
          <Link to={at(`/endpoints/${destination.id}`)} title={destination.url} className="mono">
            {destination.url}
          </Link>
          {destination.description !== '' && <span className="muted"> {destination.description}</span>}
        </h2>
        <span className={styles['end']}>
          <Resend {...{ message, destination, endpoint, resend, awaited }} />
        </span>
      </div>
      <div className={styles['headline']}>
        <Status tone={tone}>{headline}</Status>
        {destination.nextAttempt && <Next at={destination.nextAttempt} now={now} />}
      </div>
      {why !== null && (
        <p className={styles['why']}>
          {why} {help !== null && <span className="muted">{help}</span>}
        </p>
      )}
      <ol className={styles['attempts']} aria-label={words.attempts}>
        {attempts.map((attempt) => (
          <AttemptLine key={attempt.id} attempt={attempt} message={message} />
        ))}
        {awaited && (
          <li className={styles['attempt']} role="status">
            <Status tone="waiting">{words.asked}</Status>
          </li>
        )}
      </ol>
    </li>
  );
}

function Next({ at, now }: { at: Date; now: number }) {
  return (
    <span>
      {words.next}{' '}
      {at.getTime() <= now ? (
        words.due
      ) : (
        <>
          <Time at={at} />{' '}
          <span className="muted">
            (<Time at={at} as="clock" />)
          </span>
        </>
      )}
    </span>
  );
}

type ResendProps = Pick<DestinationStoryProps, 'message' | 'destination' | 'resend' | 'awaited'> & { endpoint: EndpointNow };

function Resend({ message, destination, endpoint, resend, awaited }: ResendProps) {
  const refused = useCannot('CreateAttempts');
  const toast = useToast();
  const { id, url, statusText } = destination;
  const { resend: says } = words;
  const isWaiting = statusText === 'pending' || statusText === 'sending';
  const send = () =>
    resend.mutate(id, {
      onSuccess: () => toast(says.asked(url)),
      onError: (error) => {
        const { title, detail } = faultOf(error);
        toast(says.failed(detail ?? title), 'bad');
      },
    });
  return (
    <Button
      small
      icon="refresh"
      aria-label={isWaiting ? says.nowTo(url) : says.againTo(url)}
      cannot={refused ?? blocked(message, endpoint, destination)}
      busy={awaited || (resend.isPending && resend.variables === id)}
      onClick={send}
    >
      {isWaiting ? says.now : says.again}
    </Button>
  );
}

function blocked({ content }: Message, endpoint: EndpointNow, { disabled }: Destination): string | null {
  if (content.kind === 'expired') return words.resend.expired;
  if (endpoint === null) return words.resend.deleted;
  return (endpoint?.disabled ?? disabled) ? words.resend.disabled : null;
}
