import type { OperationalWebhookEndpointOut } from 'svix';
import { OPERATIONAL_TYPES, useOperationalEndpoints } from '../../../api/console/operational-webhooks.js';
import { useRole } from '../../../api/console/role.js';
import { useAddress } from '../../../kit/address.js';
import { Button } from '../../../kit/button.js';
import { DataTable, type Column } from '../../../kit/data-table.js';
import { Page, Section } from '../../../kit/page.js';
import { Empty } from '../../../kit/states.js';
import { Status } from '../../../kit/status.js';
import { Time } from '../../../kit/time.js';
import * as texts from '../../../texts/en.js';
import styles from '../shared/console.module.css';
import { NeedsPage } from '../shared/needs.js';
import { CreateOperationalEndpoint } from './create-endpoint.js';
import { OperationalActions } from './endpoint-actions.js';

const words = texts.console.operationalWebhooks;

const COLUMNS: readonly Column<OperationalWebhookEndpointOut>[] = [
  {
    id: 'url',
    title: words.columns.url,
    cell: ({ url, description }) => (
      <span title={url}>
        <span className="mono">{url.replace(/^https:\/\//, '')}</span> <span className="muted">{description}</span>
      </span>
    ),
  },
  {
    id: 'state',
    title: words.columns.state,
    width: '120px',
    cell: ({ disabled }) =>
      disabled ? <Status tone="off">{words.states.disabled}</Status> : <Status tone="good">{words.states.enabled}</Status>,
  },
  {
    id: 'events',
    title: words.columns.events,
    width: '140px',
    from: 'tablet',
    cell: ({ eventTypes }) => (
      <span title={eventTypes?.join(', ')}>{eventTypes ? words.events(eventTypes.length) : words.all}</span>
    ),
  },
  {
    id: 'created',
    title: words.columns.created,
    width: '120px',
    from: 'tablet',
    cell: ({ createdAt }) => <Time at={createdAt} />,
  },
  {
    id: 'actions',
    title: words.columns.actions,
    titleUnseen: true,
    width: '64px',
    align: 'end',
    cell: (endpoint) => <OperationalActions endpoint={endpoint} />,
  },
];

/** Who of the team hears what happens to the endpoints of customers. */
export default function OperationalWebhooksPage() {
  const { needsOrganization } = useRole();
  if (needsOrganization !== null) return <NeedsPage title={words.title} lead={words.lead} what="needsOrganization" />;
  return <OperationalWebhooks />;
}

function OperationalWebhooks() {
  const list = useOperationalEndpoints(true);
  const [isNew, setNew] = useAddress('new');
  const create = (
    <Button look="primary" icon="plus" onClick={() => setNew('1', true)}>
      {words.create}
    </Button>
  );
  return (
    <Page title={words.title} lead={words.lead} actions={create}>
      <DataTable
        label={words.title}
        columns={COLUMNS}
        list={list}
        rowKey={({ id }) => id}
        empty={
          <Empty icon="webhooks" title={words.empty.title} action={create}>
            {words.empty.text}
          </Empty>
        }
      />
      {/* How long the list is is not known before: it would push this. */}
      {!list.loading && <Told />}
      <CreateOperationalEndpoint open={isNew !== ''} onClose={() => setNew(null)} />
    </Page>
  );
}

/** What the webhooks tell of. */
function Told() {
  return (
    <Section title={words.tells}>
      <dl className={styles['types']}>
        {OPERATIONAL_TYPES.map((type) => (
          <div key={type} className={styles['pair']}>
            <dt className="mono">{type}</dt>
            <dd>{words.types[type]}</dd>
          </div>
        ))}
      </dl>
    </Section>
  );
}
