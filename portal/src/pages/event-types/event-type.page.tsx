import { useParams } from 'react-router';
import { useApplication } from '../../api/application.js';
import { useEndpoints, type Endpoint } from '../../api/endpoints.js';
import { faultOf } from '../../api/errors.js';
import { useEventType, type ReadEventType } from '../../api/event-types.js';
import type { List } from '../../api/list.js';
import { Facts, Notice, Page, Section } from '../../kit/page.js';
import { Empty, ErrorBox, SkeletonLines } from '../../kit/states.js';
import { Badge } from '../../kit/status.js';
import { Time } from '../../kit/time.js';
import * as texts from '../../texts/en.js';
import styles from './event-types.module.css';
import { Receivers } from './receivers.js';
import { Schemas } from './schemas.js';

const words = texts.eventTypes;

/** One event type: what it says, what is in its payload, and which endpoints get it. */
export default function EventTypePage() {
  const { name = '' } = useParams();
  const { at } = useApplication();
  const { data, error, refetch } = useEventType(name);
  const endpoints = useEndpoints();
  const fault = error && faultOf(error);
  return (
    <Page
      title={name}
      heading={<Heading name={name} type={data} />}
      {...(data && { lead: data.description || words.one.noDescription })}
      back={{ to: at('/event-types'), label: words.title }}
    >
      {fault?.status === 404 ? (
        <Empty icon="types" title={words.one.missing}>
          {words.one.missingText}
        </Empty>
      ) : (
        fault && <ErrorBox fault={fault} onRetry={() => void refetch()} />
      )}
      {data && !endpoints.loading ? <Content type={data} endpoints={endpoints} /> : !fault && <SkeletonLines lines={8} />}
    </Page>
  );
}

function Heading({ name, type }: { name: string; type: ReadEventType | undefined }) {
  return (
    <span className={styles['head']}>
      {name}
      {type?.deprecated && <Badge>{words.deprecated}</Badge>}
      {type?.archived && <Badge>{words.archived}</Badge>}
    </span>
  );
}

/** Waits for the endpoints too: their list stands above the schema. */
function Content({ type, endpoints }: { type: ReadEventType; endpoints: List<Endpoint> }) {
  const { name, archived, deprecated, groupName, featureFlags, updatedAt, schemas } = type;
  const { facts } = words.one;
  return (
    <>
      {archived ? <Notice title={words.one.archivedText} /> : deprecated && <Notice title={words.one.deprecatedText} />}
      <Facts
        items={[
          ...(groupName ? [{ name: facts.group, value: groupName }] : []),
          ...(featureFlags?.length ? [{ name: facts.flags, value: featureFlags.join(', ') }] : []),
          { name: facts.updated, value: <Time at={updatedAt} /> },
        ]}
      />
      <Receivers name={name} endpoints={endpoints} />
      <Section title={words.one.parts}>
        <Schemas schemas={schemas} />
      </Section>
    </>
  );
}
