import { Link } from 'react-router';
import { useApplication } from '../../api/application.js';
import { MOST_UNDELIVERED, useCourse, useUndelivered, type Attempt, type Course } from '../../api/endpoint-attempts.js';
import type { Endpoint } from '../../api/endpoints.js';
import { faultOf } from '../../api/errors.js';
import { STATUS } from '../../api/messages.js';
import { useSettings } from '../../api/settings.js';
import { ButtonLink } from '../../kit/button.js';
import { Notice } from '../../kit/page.js';
import { ErrorBox, SkeletonLines } from '../../kit/states.js';
import { Time, useNow } from '../../kit/time.js';
import * as texts from '../../texts/en.js';
import { adviceOf, answerOf } from './attempt-reason.js';
import { EnableButton } from './endpoint-actions.js';
import styles from './endpoint.module.css';
import { whyDisabled } from './why-disabled.js';

const words = texts.endpoints.page.state;
const DAY_MS = 24 * 3_600_000;
const NEXT_STEP = { gone: words.disabledGoneDo, failing: words.disabledFailingDo, byHand: words.disabledDo };

/** The state of an endpoint in words: what it is, since when, why, and what to do. Its course must be known, or have failed to load. */
export function EndpointState({ endpoint }: { endpoint: Endpoint }) {
  const { data, error, isFetching, refetch } = useCourse(endpoint.id);
  if (endpoint.unreadable !== undefined)
    return (
      <Notice tone="bad" title={words.unreadable}>
        <p>{words.unreadableText}</p>
        <p className="mono">{endpoint.unreadable}</p>
      </Notice>
    );
  if (!data && error) return <ErrorBox fault={faultOf(error)} onRetry={() => void refetch()} />;
  // Of an endpoint that was disabled just now the course does not know it yet.
  if (!data || (endpoint.disabled && data.state.disabledSince === null && isFetching)) return <SkeletonLines lines={3} />;
  if (endpoint.disabled) return <Disabled endpoint={endpoint} course={data} />;
  return <Course endpoint={endpoint} course={data} />;
}

interface StateProps {
  endpoint: Endpoint;
  course: Course;
}

function Disabled({ endpoint, course }: StateProps) {
  const { last } = course;
  const fails = last !== null && last.status !== 0;
  const { kind, text } = whyDisabled(endpoint, course);
  return (
    <Notice
      title={
        <>
          {words.disabledFrom} <Time at={course.state.disabledSince ?? endpoint.updatedAt} as="exact" />, {text}
        </>
      }
      actions={<EnableButton endpoint={endpoint} />}
    >
      <p>
        {words.disabledText} {NEXT_STEP[kind]}
      </p>
      {fails && <LastAnswer attempt={last} />}
      {fails && <NotArrived endpoint={endpoint} />}
    </Notice>
  );
}

function Course({ endpoint, course }: StateProps) {
  const { at } = useApplication();
  const { last, lastDelivered, lastFailed, failingFrom } = course;
  const now = useNow();
  const test = (
    <ButtonLink small to={at(`/endpoints/${endpoint.id}?tab=testing`)}>
      {texts.endpoints.page.testing.send}
    </ButtonLink>
  );
  if (last === null)
    return (
      <Notice title={words.quiet} actions={test}>
        <p>{words.quietText}</p>
      </Notice>
    );
  if (last.status === 0) {
    const failed = lastFailed !== null && now - lastFailed.timestamp.getTime() < DAY_MS ? lastFailed : null;
    return (
      <Notice tone={failed ? 'waiting' : 'good'} title={failed ? words.deliveringPartly : words.delivering}>
        <p>
          {words.deliveringText} <Time at={last.timestamp} />.
        </p>
        {failed && <LastAnswer attempt={failed} label={words.lastFailure} />}
        {failed && <NotArrived endpoint={endpoint} />}
      </Notice>
    );
  }
  const { timestamp: from } = failingFrom ?? last;
  return (
    <Notice
      tone="bad"
      title={
        <>
          {lastDelivered === null ? words.failingNever : words.failing} <Time at={from} as="exact" /> (
          <Time at={from} />)
        </>
      }
      actions={test}
    >
      <LastAnswer attempt={last} />
      <p>{words.failingDo}</p>
      <NotArrived endpoint={endpoint} />
    </Notice>
  );
}

/** What has not arrived: what is sent again by itself (nothing, while the endpoint is disabled), and what somebody has to send. */
function NotArrived({ endpoint: { id, disabled } }: { endpoint: Endpoint }) {
  const { at } = useApplication();
  const { data } = useUndelivered(id);
  const { retrySchedule } = useSettings();
  if (!data) return null;
  const { givenUp, waiting } = data;
  const listed = (state: keyof typeof STATUS) => (
    <Link to={at(`/messages?endpoint=${encodeURIComponent(id)}&state=${state}`)}>{words.see}</Link>
  );
  if (givenUp + waiting === 0) return <p>{words.nothingOpen}</p>;
  return (
    <>
      {givenUp > 0 && (
        <p>
          {words.givenUp(givenUp, givenUp >= MOST_UNDELIVERED)} {words.givenUpDo} {listed('failed')}
        </p>
      )}
      {waiting > 0 && !disabled && (
        <p>
          {words.waiting(waiting, waiting >= MOST_UNDELIVERED)} {listed('waiting')}
        </p>
      )}
      {retrySchedule && !disabled && <p className="muted">{words.plan(retrySchedule)}</p>}
    </>
  );
}

function LastAnswer({ attempt, label = words.lastAnswer }: { attempt: Attempt; label?: string }) {
  const { response } = attempt;
  return (
    <>
      <p>
        {label} <b>{answerOf(attempt)}</b>, <Time at={attempt.timestamp} />. {adviceOf(attempt)}
      </p>
      {response !== '' && <p className={styles['quote']}>{response.slice(0, 200)}</p>}
    </>
  );
}
