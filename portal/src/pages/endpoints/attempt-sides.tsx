import type { Attempt } from '../../api/endpoint-attempts.js';
import { faultOf } from '../../api/errors.js';
import { formatted } from '../../api/json-source.js';
import { useMessage, type Content } from '../../api/messages.js';
import { CodeBlock, JsonView } from '../../kit/code-block.js';
import { ErrorBox, SkeletonLines } from '../../kit/states.js';
import { Status } from '../../kit/status.js';
import { Time } from '../../kit/time.js';
import * as texts from '../../texts/en.js';
import { duration } from '../../texts/format.js';
import { adviceOf, answerOf } from './attempt-reason.js';
import styles from './endpoint.module.css';

const words = texts.endpoints.page.attempt;
/** Where an answer may have been cut. */
const KEPT_BYTES = 19_990;

/** The request and the answer of an attempt, side by side. */
export function AttemptSides({ attempt }: { attempt: Attempt }) {
  return (
    <div className={styles['sides']}>
      <Request attempt={attempt} />
      <Answer attempt={attempt} />
    </div>
  );
}

function Request({ attempt }: { attempt: Attempt }) {
  const { msgId, url, timestamp } = attempt;
  const { data, error, refetch } = useMessage(msgId);
  return (
    <section aria-label={words.request}>
      <h3>{words.request}</h3>
      <p className={styles['line']}>POST {url}</p>
      <p className={styles['line']}>
        {words.messageId}: {msgId}
      </p>
      <p>
        {words.at} <Time at={timestamp} as="exact" />
      </p>
      {data !== undefined ? (
        <Body content={data.content} />
      ) : error ? (
        <ErrorBox fault={faultOf(error)} onRetry={() => void refetch()} />
      ) : (
        <SkeletonLines />
      )}
      <p className="muted">{words.headersNote}</p>
    </section>
  );
}

function Answer({ attempt }: { attempt: Attempt }) {
  const { status, response, responseDurationMs: ms, responseStatusCode: code } = attempt;
  return (
    <section aria-label={words.answer}>
      <h3>{words.answer}</h3>
      <p>
        <Status tone={status === 0 ? 'good' : 'bad'}>{answerOf(attempt)}</Status>
      </p>
      <p>
        {words.took} {duration(ms)}
      </p>
      {status !== 0 && <p>{adviceOf(attempt)}</p>}
      {response === '' ? (
        <p className="muted">{words.noBody}</p>
      ) : (
        <JsonView value={formatted(response)} thing={code > 0 ? words.body : words.noAnswer} />
      )}
      {code > 0 && isCut(response) && <p className="muted">{words.kept}</p>}
    </section>
  );
}

function Body({ content }: { content: Content }) {
  if (content.kind === 'expired') return <p className="muted">{words.payloadGone}</p>;
  if (content.kind === 'raw')
    return <CodeBlock text={content.source} thing={words.body} title={content.contentType ?? words.body} />;
  return <JsonView value={formatted(content.source)} source={content.source} thing={words.body} />;
}

const isCut = (response: string) => new TextEncoder().encode(response).length >= KEPT_BYTES;
