import { useAddedHeaders, type Attempt } from '../../../api/message-story.js';
import { formatted } from '../../../api/json-source.js';
import type { Message } from '../../../api/messages.js';
import { CodeBlock, JsonView } from '../../../kit/code-block.js';
import { Copy, Id } from '../../../kit/copy.js';
import { Status } from '../../../kit/status.js';
import { Time } from '../../../kit/time.js';
import * as texts from '../../../texts/en.js';
import { duration } from '../../../texts/format.js';
import { curlOf, headersOf } from './curl.js';
import { reasonOf } from './reason.js';
import styles from './story.module.css';

const { story: words } = texts.messages;

/** The request and the answer of an attempt, side by side where there is room. */
export function Exchange({ attempt, message }: { attempt: Attempt; message: Message }) {
  return (
    <div className={styles['exchange']}>
      <Request attempt={attempt} message={message} />
      <Answer attempt={attempt} />
    </div>
  );
}

function Request({ attempt, message }: { attempt: Attempt; message: Message }) {
  const { request } = words;
  const { data } = useAddedHeaders(attempt.endpointId);
  const added = { ...data?.headers, ...Object.fromEntries((data?.sensitive ?? []).map((name) => [name, request.hidden])) };
  const headers = headersOf(message, attempt, added).map(([name, value]) => `${name}: ${value}`);
  return (
    <section aria-label={request.title} className={styles['half']}>
      <div className={styles['halfHead']}>
        <h3>{request.title}</h3>
        <Copy text={curlOf(message, attempt, data?.headers ?? {})} thing={request.curlThing} label={request.curl} />
      </div>
      <p className={`mono ${styles['wrap']}`}>POST {attempt.url}</p>
      <p className="muted">
        {request.started} <Time at={attempt.at} as="exact" />
      </p>
      <div className={styles['idLine']}>
        <Id id={attempt.id} thing={request.id} />
      </div>
      <CodeBlock text={headers.join('\n')} thing={request.headers} title={request.headersTitle} />
      <p className={`muted ${styles['small']}`}>{request.rebuilt}</p>
      <RequestBody message={message} />
    </section>
  );
}

function RequestBody({ message: { content } }: { message: Message }) {
  const { request } = words;
  if (content.kind === 'expired') return <p className="muted">{request.noBody}</p>;
  return (
    <CodeBlock text={content.source} thing={request.body} title={request.bodyTitle}>
      {content.kind === 'json' ? formatted(content.source) : content.source}
    </CodeBlock>
  );
}

function Answer({ attempt }: { attempt: Attempt }) {
  const { answer } = words;
  const { success, statusCode, durationMs, response } = attempt;
  const reason = reasonOf(attempt);
  return (
    <section aria-label={answer.title} className={styles['half']}>
      <div className={styles['halfHead']}>
        <h3>{answer.title}</h3>
      </div>
      <p>
        <Status tone={success ? 'good' : 'bad'}>{statusCode === 0 ? answer.none : String(statusCode)}</Status>{' '}
        <span className="muted">
          {answer.after} {duration(durationMs)}
        </span>
      </p>
      {reason && (
        <p>
          {reason.text} <span className="muted">{reason.help}</span>
        </p>
      )}
      {response === '' ? (
        <p className="muted">{answer.emptyBody}</p>
      ) : statusCode === 0 ? (
        <p className={`mono ${styles['wrap']}`}>{response}</p>
      ) : (
        <JsonView value={formatted(response)} thing={answer.body} title={answer.bodyTitle} />
      )}
      {statusCode !== 0 && <p className={`muted ${styles['small']}`}>{answer.start}</p>}
    </section>
  );
}
