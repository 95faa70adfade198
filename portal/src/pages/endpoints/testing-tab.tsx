import { useState } from 'react';
import { serverNow } from '../../clock.js';
import { useCannot } from '../../api/application.js';
import { useMessageAttempts, type Attempt } from '../../api/endpoint-attempts.js';
import { PING, useSendExample } from '../../api/endpoint-example.js';
import type { Endpoint } from '../../api/endpoints.js';
import { faultOf, type Fault } from '../../api/errors.js';
import { useEventTypeChoices } from '../../api/event-type-names.js';
import { useAddress } from '../../kit/address.js';
import { Button, ButtonLink } from '../../kit/button.js';
import { Notice, Section } from '../../kit/page.js';
import { ErrorBox, Skeleton } from '../../kit/states.js';
import { useNow } from '../../kit/time.js';
import { useApplication } from '../../api/application.js';
import * as texts from '../../texts/en.js';
import { answerOf } from './attempt-reason.js';
import { AttemptSides } from './attempt-sides.js';
import { EnableButton } from './endpoint-actions.js';
import styles from './endpoint.module.css';
import { EventTypeSelect } from './event-type-select.js';

const words = texts.endpoints.page.testing;
/** After this a person wants to know that it is not the page that hangs. */
const LONG_MS = 10_000;

/** Sends an example and follows it until its answer is there. Event type and message stand in the address. */
export function TestingTab({ endpoint }: { endpoint: Endpoint }) {
  const [eventType, setEventType] = useAddress('type', PING);
  const [sent, setSent] = useAddress('sent');
  const [sentAt, setSentAt] = useState(serverNow);
  const { data: types = [] } = useEventTypeChoices();
  const { mutate, isPending, error } = useSendExample(endpoint.id);
  const missing = useCannot('ManageEndpoint');
  const cannot = missing ?? (endpoint.disabled ? words.disabled : null);
  const send = () =>
    mutate(
      { eventType },
      {
        onSuccess: ({ id }) => {
          setSentAt(serverNow());
          setSent(id);
        },
      },
    );
  return (
    <Section title={words.title}>
      <p className="muted">{words.text}</p>
      {endpoint.disabled && <Notice title={words.disabled} actions={<EnableButton endpoint={endpoint} />} />}
      <EventTypeSelect types={types} value={eventType} onChange={setEventType} />
      <div>
        <Button look="primary" busy={isPending} cannot={cannot} onClick={send}>
          {sent === '' ? words.send : words.again}
        </Button>
      </div>
      {error && <ErrorBox fault={toldFault(faultOf(error))} />}
      <div className={styles['result']} aria-live="polite">
        {sent === '' ? <p className="muted">{words.none}</p> : <Result key={sent} {...{ endpoint, sent, sentAt }} />}
      </div>
    </Section>
  );
}

/** A server may keep test events for the team itself. */
function toldFault(fault: Fault): Fault {
  return fault.status === 403 ? { ...fault, text: words.forbidden } : fault;
}

function Result({ endpoint, sent, sentAt }: { endpoint: Endpoint; sent: string; sentAt: number }) {
  const { data = [], error, refetch } = useMessageAttempts(endpoint.id, sent);
  const { at } = useApplication();
  const now = useNow();
  const [last] = data;
  if (error && !last) return <ErrorBox fault={faultOf(error)} onRetry={() => void refetch()} />;
  if (!last)
    return (
      <>
        <p>{now - sentAt > LONG_MS ? words.waitingLong : words.waiting}</p>
        <Skeleton height="120px" />
      </>
    );
  return (
    <>
      <Notice
        tone={last.status === 0 ? 'good' : 'bad'}
        title={titleOf(last)}
        actions={
          <ButtonLink small to={at(`/messages/${sent}`)}>
            {texts.endpoints.page.attempt.message}
          </ButtonLink>
        }
      >
        {data.length > 1 && words.attempt(data.length)}
      </Notice>
      <AttemptSides attempt={last} />
    </>
  );
}

function titleOf(attempt: Attempt): string {
  const { status, responseStatusCode, responseDurationMs } = attempt;
  return status === 0
    ? words.delivered(responseStatusCode, responseDurationMs)
    : words.failed(answerOf(attempt), responseDurationMs);
}
