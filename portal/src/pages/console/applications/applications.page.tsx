import type { ApplicationOut } from 'svix';
import { useApplications } from '../../../api/console/applications.js';
import { useRole } from '../../../api/console/role.js';
import { useSearch, type FoundApplication } from '../../../api/console/search.js';
import { wholeList } from '../../../api/list.js';
import { useAddress } from '../../../kit/address.js';
import { AddressField } from '../../../kit/address-field.js';
import { Button } from '../../../kit/button.js';
import { Id } from '../../../kit/copy.js';
import { DataTable, type Column, type TableList } from '../../../kit/data-table.js';
import { Page, Toolbar } from '../../../kit/page.js';
import { Empty } from '../../../kit/states.js';
import { Time } from '../../../kit/time.js';
import * as texts from '../../../texts/en.js';
import styles from '../shared/console.module.css';
import { NeedsPage } from '../shared/needs.js';
import { CreateApplication } from './create-application.js';

const words = texts.console.applications;

type Row = Pick<ApplicationOut, 'id' | 'name' | 'uid' | 'throttleRate' | 'createdAt'>;

const COLUMNS: readonly Column<Row>[] = [
  { id: 'name', title: words.columns.name, cell: ({ name }) => name },
  { id: 'uid', title: words.columns.uid, width: '24%', cell: ({ uid }) => <code title={uid ?? ''}>{uid ?? '–'}</code> },
  { id: 'id', title: words.columns.id, width: '300px', from: 'desktop', cell: ({ id }) => <Id id={id} thing={words.idThing} /> },
  {
    id: 'created',
    title: words.columns.created,
    width: '120px',
    from: 'tablet',
    cell: ({ createdAt }) => <Time at={createdAt} />,
  },
];
const RATE: Column<Row> = {
  id: 'rate',
  title: words.columns.rate,
  width: '100px',
  from: 'desktop',
  cell: ({ throttleRate }) => (throttleRate ? words.rate(throttleRate) : words.noRate),
};

/** The team's customers: all, or those that a text finds. */
export default function ApplicationsPage() {
  const { needsOrganization } = useRole();
  if (needsOrganization !== null) return <NeedsPage title={words.title} lead={words.lead} what="needsOrganization" />;
  return <Applications />;
}

function Applications() {
  const [q] = useAddress('q');
  const [isNew, setNew] = useAddress('new');
  const all = useApplications(q === '');
  const found = useFound(q);
  const create = (
    <Button look="primary" icon="plus" onClick={() => setNew('1', true)}>
      {words.create}
    </Button>
  );
  return (
    <Page title={words.title} lead={words.lead} actions={create}>
      <Toolbar>
        <div className={styles['grow']}>
          <AddressField name="q" label={words.search} type="search" />
        </div>
      </Toolbar>
      <p className="unseen" role="status">
        {q !== '' && !found.loading && words.found(found.rows.length)}
      </p>
      <DataTable<Row>
        label={words.title}
        columns={q === '' ? [...COLUMNS, RATE] : COLUMNS}
        list={q === '' ? all : found}
        rowKey={({ id }) => id}
        rowLink={({ id }) => `/applications/${id}`}
        empty={
          <Empty icon="applications" title={q === '' ? words.empty.title : words.nothing.title} action={q === '' && create}>
            {q === '' ? words.empty.text : words.nothing.text}
          </Empty>
        }
      />
      <CreateApplication open={isNew !== ''} onClose={() => setNew(null)} />
    </Page>
  );
}

function useFound(q: string): TableList<Row> {
  const query = useSearch(q);
  return wholeList(query, (query.data?.applications ?? []).map(rowOf));
}

function rowOf({ id, name, uid, createdAt }: FoundApplication): Row {
  return { id, name, uid, createdAt: new Date(createdAt) };
}
