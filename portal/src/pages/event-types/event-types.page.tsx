import type { EventTypeOut } from 'svix';
import { Link } from 'react-router';
import { useApplication } from '../../api/application.js';
import { useEndpoints, type Endpoint } from '../../api/endpoints.js';
import { faultOf } from '../../api/errors.js';
import { useEventTypes } from '../../api/event-types.js';
import type { List } from '../../api/list.js';
import { useAddress } from '../../kit/address.js';
import { AddressField } from '../../kit/address-field.js';
import { Button } from '../../kit/button.js';
import { VIRTUAL_FROM } from '../../kit/data-table.js';
import { Page, Section, Toolbar } from '../../kit/page.js';
import { Empty, ErrorBox, SkeletonLines } from '../../kit/states.js';
import { Badge } from '../../kit/status.js';
import * as texts from '../../texts/en.js';
import styles from './event-types.module.css';
import { getsIt, groupsOf, matching } from './event-types.js';
import { LongCatalogue } from './long-catalogue.js';

const words = texts.eventTypes;

/** The catalogue: all event types in their groups, with a search. */
export default function EventTypesPage() {
  const { data, error, refetch } = useEventTypes();
  const [text, setText] = useAddress('q');
  const endpoints = useEndpoints();
  const goesTo = (name: string) => goesToText(name, endpoints);
  const found = matching(data ?? [], text);
  return (
    <Page title={words.title} lead={words.lead}>
      {error && <ErrorBox fault={faultOf(error)} onRetry={() => void refetch()} />}
      {!data && !error && <SkeletonLines lines={8} />}
      {data?.length === 0 && (
        <Empty icon="types" title={words.empty.title}>
          {words.empty.text}
        </Empty>
      )}
      {data && data.length > 0 && (
        <>
          <Toolbar>
            <AddressField name="q" label={words.search} labelUnseen type="search" placeholder={words.searchHint} />
            <p role="status" className={`muted ${styles['found']}`}>
              {words.found(found.length)}
            </p>
          </Toolbar>
          {found.length === 0 && (
            <Empty
              icon="search"
              title={words.noMatch(text)}
              action={<Button onClick={() => setText(null)}>{words.clear}</Button>}
            />
          )}
          {found.length > VIRTUAL_FROM ? (
            <LongCatalogue types={found} goesTo={goesTo} />
          ) : (
            <Groups types={found} goesTo={goesTo} />
          )}
        </>
      )}
    </Page>
  );
}

interface ListProps {
  types: readonly EventTypeOut[];
  /** How many endpoints get an event type, in words. */
  goesTo: (name: string) => string | null;
}

function Groups({ types, goesTo }: ListProps) {
  const groups = groupsOf(types);
  const isOneList = groups.length === 1 && groups[0]!.name === null;
  if (isOneList) return <Rows types={types} goesTo={goesTo} />;
  return groups.map(({ name, types: own }) => (
    <Section key={name ?? ''} title={name ?? words.ungrouped}>
      <Rows types={own} goesTo={goesTo} />
    </Section>
  ));
}

function Rows({ types, goesTo }: ListProps) {
  const { at } = useApplication();
  return (
    <ul className={styles['rows']}>
      {types.map(({ name, description, deprecated }) => (
        <li key={name}>
          <span className={styles['head']}>
            <Link to={at(`/event-types/${encodeURIComponent(name)}`)} className="mono">
              {name}
            </Link>
            {deprecated && <Badge>{words.deprecated}</Badge>}
          </span>
          <span className={`muted ${styles['description']}`}>{description}</span>
          <span className={`muted ${styles['goesTo']}`}>{goesTo(name)}</span>
        </li>
      ))}
    </ul>
  );
}

/** Of the endpoints that are known. */
function goesToText(name: string, { rows, loading, fault, hasMore }: List<Endpoint>): string | null {
  // The line is kept until then.
  if (loading) return '\u00a0';
  if (fault) return null;
  const amount = rows.filter((endpoint) => !endpoint.disabled && getsIt(endpoint, name)).length;
  return hasMore ? words.goesToMany(amount) : words.goesTo(amount);
}
