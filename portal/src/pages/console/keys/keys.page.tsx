import { useApiKeys, type ApiKey } from '../../../api/console/api-keys.js';
import { useRole } from '../../../api/console/role.js';
import { useAddress } from '../../../kit/address.js';
import { Button } from '../../../kit/button.js';
import { DataTable, type Column } from '../../../kit/data-table.js';
import { Page } from '../../../kit/page.js';
import { Empty } from '../../../kit/states.js';
import { Status } from '../../../kit/status.js';
import { Tabs } from '../../../kit/tabs.js';
import { Time, useNow } from '../../../kit/time.js';
import * as texts from '../../../texts/en.js';
import { Needs } from '../shared/needs.js';
import { CreateKey } from './create-key.js';
import { KeyActions } from './key-actions.js';
import { Usage } from './usage.js';

const words = texts.console.keys;

const COLUMNS: readonly Column<ApiKey>[] = [
  { id: 'name', title: words.columns.name, cell: ({ name }) => <span title={name}>{name}</span> },
  {
    id: 'scope',
    title: words.columns.scope,
    width: '140px',
    from: 'tablet',
    cell: ({ scopes }) => scopes.map((scope) => words.scopes[scope]).join(', '),
  },
  {
    id: 'key',
    title: words.columns.key,
    width: '150px',
    from: 'desktop',
    cell: ({ censoredToken }) => <code>{censoredToken.replace(/\*+$/, '…')}</code>,
  },
  {
    id: 'application',
    title: words.columns.application,
    width: '150px',
    from: 'desktop',
    cell: ({ appId }) => (appId === null ? words.allApplications : <code title={appId}>{appId}</code>),
  },
  {
    id: 'used',
    title: words.columns.used,
    width: '110px',
    from: 'tablet',
    cell: ({ lastUsedAt }) => (lastUsedAt === null ? words.never : <Time at={new Date(lastUsedAt)} />),
  },
  { id: 'expires', title: words.columns.expires, width: '110px', cell: (key) => <Expiry {...key} /> },
  {
    id: 'actions',
    title: words.columns.actions,
    titleUnseen: true,
    width: '64px',
    align: 'end',
    cell: (key) => <KeyActions apiKey={key} />,
  },
];

/** Who may call the API, and what each key did. */
export default function KeysPage() {
  const { needsOrganization } = useRole();
  const [isNew, setNew] = useAddress('new');
  const create = (
    <Button look="primary" icon="plus" cannot={needsOrganization} onClick={() => setNew('1', true)}>
      {words.create}
    </Button>
  );
  return (
    <Page title={words.title} lead={words.lead} actions={create}>
      <Tabs
        label={words.tabs}
        items={[
          { id: 'keys', label: words.tabKeys, content: keysTab },
          { id: 'usage', label: words.tabUsage, content: usageTab },
        ]}
      />
      <CreateKey open={isNew !== '' && needsOrganization === null} onClose={() => setNew(null)} />
    </Page>
  );
}

const keysTab = () => <KeysTab />;
const usageTab = () => <Usage />;

function KeysTab() {
  return useRole().needsOrganization === null ? <Keys /> : <Needs what="needsOrganization" />;
}

function Keys() {
  return (
    <DataTable
      label={words.title}
      columns={COLUMNS}
      list={useApiKeys(true)}
      rowKey={({ id }) => id}
      empty={
        <Empty icon="keys" title={words.empty.title}>
          {words.empty.text}
        </Empty>
      }
    />
  );
}

function Expiry({ expiresAt }: ApiKey) {
  const now = useNow();
  if (expiresAt === null) return words.never;
  const at = new Date(expiresAt);
  return at.getTime() <= now ? <Status tone="off">{words.expired}</Status> : <Time at={at} />;
}
