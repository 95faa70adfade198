import { useEffect } from 'react';
import { useApplication } from '../../api/application.js';
import { useCourse, useUndelivered, type Attempt } from '../../api/endpoint-attempts.js';
import { useEndpointStats, type Endpoint } from '../../api/endpoints.js';
import { faultOf } from '../../api/errors.js';
import { ButtonLink } from '../../kit/button.js';
import { useFirst } from '../../kit/first.js';
import { Facts, Section } from '../../kit/page.js';
import { ErrorBox, SkeletonLines } from '../../kit/states.js';
import { Badge } from '../../kit/status.js';
import { Time } from '../../kit/time.js';
import * as texts from '../../texts/en.js';
import { EndpointState } from './endpoint-state.js';
import styles from './endpoint.module.css';
import { Recovery } from './recovery.js';

const words = texts.endpoints.page;
const MAX_NAMES = 12;

/** How the endpoint is: the state in words, then the numbers, then what can be sent again. */
export function OverviewTab({ endpoint }: { endpoint: Endpoint }) {
  const course = useCourse(endpoint.id);
  const stats = useEndpointStats(endpoint.id);
  const undelivered = useUndelivered(endpoint.id);
  // The notice is as high as what it says: what is below would move.
  if (useFirst(course.isPending || stats.isPending || undelivered.isPending)) return <SkeletonLines lines={8} />;
  return (
    <div className={styles['stack']}>
      <EndpointState endpoint={endpoint} />
      <Numbers id={endpoint.id} />
      <Recovery endpoint={endpoint} />
      <About endpoint={endpoint} />
    </div>
  );
}

function Numbers({ id }: { id: string }) {
  const { data, error, refetch } = useEndpointStats(id);
  const course = useCourse(id);
  const lastId = course.data?.last?.id;
  // The counts are dear; after another attempt they are old.
  useEffect(() => void refetch(), [lastId, refetch]);
  const { at } = useApplication();
  const { numbers } = words;
  const time = (attempt: Attempt | null | undefined) => (attempt ? <Time at={attempt.timestamp} /> : numbers.never);
  const { success = 0, fail = 0 } = data ?? {};
  return (
    <Section
      title={numbers.title}
      actions={
        fail > 0 && (
          <ButtonLink small to={at(`/endpoints/${id}?tab=attempts&status=failed&hours=24`)}>
            {numbers.see}
          </ButtonLink>
        )
      }
    >
      {error ? (
        <ErrorBox fault={faultOf(error)} onRetry={() => void refetch()} />
      ) : data === undefined ? (
        <SkeletonLines lines={3} />
      ) : (
        <Facts
          items={[
            { name: numbers.delivered, value: numbers.attempts(success) },
            { name: numbers.failed, value: numbers.attempts(fail) },
            {
              name: numbers.share,
              value: success + fail === 0 ? numbers.none : numbers.shareOf(success / (success + fail)),
            },
            { name: numbers.lastDelivered, value: time(course.data?.lastDelivered) },
            { name: numbers.lastFailed, value: time(course.data?.lastFailed) },
          ]}
        />
      )}
    </Section>
  );
}

function About({ endpoint }: { endpoint: Endpoint }) {
  const { url, eventTypes, channels, throttleRate, createdAt, updatedAt } = endpoint;
  const { about } = words;
  return (
    <Section title={about.title}>
      <Facts
        items={[
          { name: about.url, value: <span className="mono">{url}</span> },
          { name: about.events, value: <Names names={eventTypes} /> },
          { name: about.channels, value: <Names names={channels} /> },
          { name: about.rate, value: throttleRate ? about.perSecond(throttleRate) : about.noRate },
          { name: about.created, value: <Time at={createdAt} /> },
          { name: about.changed, value: <Time at={updatedAt} /> },
        ]}
      />
    </Section>
  );
}

function Names({ names }: { names: readonly string[] | null | undefined }) {
  if (!names) return words.about.allMessages;
  return (
    <span className={styles['chips']}>
      {names.slice(0, MAX_NAMES).map((name) => (
        <Badge key={name} mono>
          {name}
        </Badge>
      ))}
      {names.length > MAX_NAMES && words.about.more(names.length - MAX_NAMES)}
    </span>
  );
}
