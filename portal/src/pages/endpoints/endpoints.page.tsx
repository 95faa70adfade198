import { useCannot, useApplication } from '../../api/application.js';
import { useEndpoints, type Endpoint } from '../../api/endpoints.js';
import { ButtonLink } from '../../kit/button.js';
import { DataTable, type Column } from '../../kit/data-table.js';
import { Page } from '../../kit/page.js';
import { Empty } from '../../kit/states.js';
import { Status } from '../../kit/status.js';
import { Time } from '../../kit/time.js';
import { texts } from '../../texts/en.js';
import { EndpointActions } from './endpoint-actions.js';
import { EndpointHealth } from './endpoint-health.js';
import styles from './endpoints.module.css';

const words = texts.endpoints;

const COLUMNS: readonly Column<Endpoint>[] = [
  { id: 'url', title: words.columns.url, cell: (endpoint) => <Name {...endpoint} /> },
  { id: 'state', title: words.columns.state, width: '120px', cell: (endpoint) => <State {...endpoint} /> },
  { id: 'health', title: words.columns.health, width: '180px', from: 'tablet', cell: ({ id }) => <EndpointHealth id={id} /> },
  {
    id: 'events',
    title: words.columns.events,
    width: '130px',
    from: 'desktop',
    cell: ({ eventTypes }) => (eventTypes ? words.events(eventTypes.length) : words.allEvents),
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
    width: '64px',
    align: 'end',
    cell: (endpoint) => <EndpointActions endpoint={endpoint} />,
  },
];

/** All endpoints of the application, with their health at a glance. */
export default function EndpointsPage() {
  const list = useEndpoints();
  const { at } = useApplication();
  const cannot = useCannot('ManageEndpoint');
  const create = (
    <ButtonLink to={at('/endpoints?new=1')} look="primary" icon="plus" cannot={cannot}>
      {words.create}
    </ButtonLink>
  );
  return (
    <Page title={words.title} lead={words.lead} actions={create}>
      <DataTable
        label={words.title}
        columns={COLUMNS}
        list={list}
        rowKey={({ id }) => id}
        rowLink={({ id }) => at(`/endpoints/${id}`)}
        empty={
          <Empty icon="endpoints" title={words.empty.title}>
            {words.empty.text}
          </Empty>
        }
      />
    </Page>
  );
}

function Name({ url, description }: Endpoint) {
  return (
    <span className={styles['name']} title={url}>
      <span className="mono">{url.replace(/^https:\/\//, '')}</span>
      {description !== '' && <span className="muted"> {description}</span>}
    </span>
  );
}

function State({ disabled, unreadable }: Endpoint) {
  if (unreadable !== undefined) return <Status tone="bad">{words.states.unreadable}</Status>;
  return disabled ? <Status tone="off">{words.states.disabled}</Status> : <Status tone="good">{words.states.enabled}</Status>;
}
