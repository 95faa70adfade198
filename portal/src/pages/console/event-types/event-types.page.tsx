import type { EventTypeOut } from 'svix';
import { useCatalogue } from '../../../api/console/event-types.js';
import { useRole } from '../../../api/console/role.js';
import { useAddress } from '../../../kit/address.js';
import { AddressField } from '../../../kit/address-field.js';
import { Button } from '../../../kit/button.js';
import { Switch } from '../../../kit/checkbox.js';
import { DataTable, type Column } from '../../../kit/data-table.js';
import { Page, Toolbar } from '../../../kit/page.js';
import { Empty } from '../../../kit/states.js';
import { Status } from '../../../kit/status.js';
import { Time } from '../../../kit/time.js';
import * as texts from '../../../texts/en.js';
import styles from '../shared/console.module.css';
import { NeedsPage } from '../shared/needs.js';
import { EventTypeActions } from './event-type-actions.js';
import { EventTypeDialog } from './event-type-dialog.js';
import { ImportDialog } from './import-dialog.js';

const words = texts.console.catalogue;
const { title } = texts.eventTypes;

type Row = EventTypeOut & { id: string };

const COLUMNS: readonly Column<Row>[] = [
  { id: 'name', title: words.columns.name, cell: ({ name }) => <code title={name}>{name}</code> },
  {
    id: 'description',
    title: words.columns.description,
    width: '36%',
    from: 'tablet',
    cell: ({ description }) => <span title={description}>{description}</span>,
  },
  { id: 'group', title: words.columns.group, width: '120px', from: 'desktop', cell: ({ groupName }) => groupName ?? '–' },
  { id: 'state', title: words.columns.state, width: '132px', from: 'tablet', cell: (type) => <State {...type} /> },
  {
    id: 'changed',
    title: words.columns.changed,
    width: '120px',
    from: 'desktop',
    cell: ({ updatedAt }) => <Time at={updatedAt} />,
  },
  {
    id: 'actions',
    title: words.columns.actions,
    titleUnseen: true,
    width: '64px',
    align: 'end',
    cell: (type) => <EventTypeActions type={type} />,
  },
];

/** The catalogue of what customers can hear of. */
export default function EventTypesPage() {
  const { needsOrganization } = useRole();
  if (needsOrganization !== null) return <NeedsPage title={title} lead={words.lead} what="needsOrganization" />;
  return <Catalogue />;
}

function Catalogue() {
  const [q] = useAddress('q');
  const [archived, setArchived] = useAddress('archived');
  const [edited, setEdited] = useAddress('edit');
  const [dialog, setDialog] = useAddress('do');
  const all = useCatalogue(archived !== '', true);
  const rows = all.rows.filter((type) => matches(type, q.trim().toLowerCase()));
  const keep = new URLSearchParams([...(q ? [['q', q]] : []), ...(archived ? [['archived', archived]] : [])]);
  const actions = (
    <>
      <Button onClick={() => setDialog('import', true)}>{words.import}</Button>
      <Button look="primary" icon="plus" onClick={() => setDialog('create', true)}>
        {words.create}
      </Button>
    </>
  );
  const told = q === '' ? words.empty : words.nothing;
  return (
    <Page title={title} lead={words.lead} actions={actions}>
      <Toolbar>
        <div className={styles['grow']}>
          <AddressField name="q" label={words.search} type="search" />
        </div>
        <Switch label={words.archived} checked={archived !== ''} onChange={(on) => setArchived(on ? '1' : null)} />
      </Toolbar>
      <DataTable
        label={title}
        columns={COLUMNS}
        list={{ ...all, rows }}
        rowKey={({ id }) => id}
        rowLink={({ name }) => `?${new URLSearchParams([...keep, ['edit', name]])}`}
        empty={
          <Empty icon="types" title={told.title}>
            {told.text}
          </Empty>
        }
      />
      <EventTypeDialog name={edited || null} open={edited !== ''} onClose={() => setEdited(null)} />
      <EventTypeDialog name={null} open={dialog === 'create'} onClose={() => setDialog(null)} />
      <ImportDialog open={dialog === 'import'} onClose={() => setDialog(null)} />
    </Page>
  );
}

function matches({ name, description, groupName }: EventTypeOut, q: string): boolean {
  return q === '' || [name, description, groupName ?? ''].some((text) => text.toLowerCase().includes(q));
}

function State({ archived, deprecated }: EventTypeOut) {
  if (archived) return <Status tone="off">{words.states.archived}</Status>;
  return deprecated ? (
    <Status tone="waiting">{words.states.deprecated}</Status>
  ) : (
    <Status tone="good">{words.states.current}</Status>
  );
}
