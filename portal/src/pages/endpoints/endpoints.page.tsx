import { useApplication, useCannot } from '../../api/application.js';
import { useEndpoints, type Endpoint } from '../../api/endpoints.js';
import { useAddress } from '../../kit/address.js';
import { Button } from '../../kit/button.js';
import { DataTable, type Column } from '../../kit/data-table.js';
import { Page } from '../../kit/page.js';
import { Empty } from '../../kit/states.js';
import { Status } from '../../kit/status.js';
import { Time } from '../../kit/time.js';
import * as texts from '../../texts/en.js';
import { CreateEndpoint } from './create-endpoint.js';
import { EndpointActions } from './endpoint-actions.js';
import { EndpointHealth } from './endpoint-health.js';
import { EndpointFilters, useEndpointFilter } from './endpoint-filters.js';
import styles from './endpoints.module.css';

const words = texts.endpoints;

const COLUMNS: readonly Column<Endpoint>[] = [
  { id: 'url', title: words.columns.url, cell: (endpoint) => <Name {...endpoint} /> },
  { id: 'state', title: words.columns.state, width: '124px', from: 'tablet', cell: (endpoint) => <State {...endpoint} /> },
  { id: 'health', title: words.columns.health, width: '170px', from: 'tablet', cell: (row) => <EndpointHealth endpoint={row} /> },
  {
    id: 'events',
    title: words.columns.events,
    width: '140px',
    from: 'desktop',
    cell: ({ eventTypes }) => (eventTypes ? <EventTypes names={eventTypes} /> : words.allEvents),
  },
  {
    id: 'created',
    title: words.columns.created,
    width: '120px',
    from: 'desktop',
    cell: ({ createdAt }) => <Time at={createdAt} />,
  },
  {
    id: 'actions',
    title: words.columns.actions,
    titleUnseen: true,
    width: '60px',
    align: 'end',
    cell: (endpoint) => <EndpointActions endpoint={endpoint} />,
  },
];

/** All endpoints of the application, with their health at a glance. */
export default function EndpointsPage() {
  const list = useEndpoints();
  const { at } = useApplication();
  const [isNew, setNew] = useAddress('new');
  const cannot = useCannot('ManageEndpoint');
  const filter = useEndpointFilter(list);
  const create = (
    <Button look="primary" icon="plus" cannot={cannot} onClick={() => setNew('1', true)}>
      {words.create}
    </Button>
  );
  const isEmpty = !list.loading && list.rows.length === 0;
  return (
    <Page title={words.title} lead={words.lead} actions={!isEmpty && create}>
      {!isEmpty && <EndpointFilters filter={filter} />}
      <DataTable
        label={words.title}
        columns={COLUMNS}
        list={{ ...list, rows: filter.rows }}
        rowKey={({ id }) => id}
        rowLink={({ id }) => at(`/endpoints/${id}`)}
        empty={
          isEmpty ? (
            <Empty icon="endpoints" title={words.empty.title} action={create}>
              {words.empty.text}
            </Empty>
          ) : (
            <Empty
              icon="search"
              title={words.noMatch.title}
              action={<Button onClick={filter.clear}>{words.filters.clear}</Button>}
            >
              {words.noMatch.text}
            </Empty>
          )
        }
      />
      <CreateEndpoint open={isNew !== '' && cannot === null} onClose={() => setNew(null)} />
    </Page>
  );
}

/** On a phone the state stands below the URL, which needs the width. */
function Name(endpoint: Endpoint) {
  const { url, description } = endpoint;
  return (
    <span className={styles['name']} title={description === '' ? url : `${url} – ${description}`}>
      <span className="mono">{url.replace(/^https:\/\//, '')}</span>
      {description !== '' && <span className="muted"> {description}</span>}
      <span className={styles['state']}>
        <State {...endpoint} />
      </span>
    </span>
  );
}

function EventTypes({ names }: { names: readonly string[] }) {
  return <span title={names.slice(0, 50).join('\n')}>{words.events(names.length)}</span>;
}

function State({ disabled, unreadable }: Endpoint) {
  if (unreadable !== undefined) return <Status tone="bad">{words.states.unreadable}</Status>;
  return disabled ? <Status tone="off">{words.states.disabled}</Status> : <Status tone="good">{words.states.enabled}</Status>;
}
