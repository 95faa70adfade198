import { useState } from 'react';
import { Link } from 'react-router';
import { useApplicationNames } from '../../../api/console/applications.js';
import { useDeadLetters, useRedrive, type DeadLetter } from '../../../api/console/dead-letters.js';
import { useRole } from '../../../api/console/role.js';
import { faultOf } from '../../../api/errors.js';
import { useAddress } from '../../../kit/address.js';
import { after } from '../../../kit/after.js';
import { Button } from '../../../kit/button.js';
import { DataTable, type Column } from '../../../kit/data-table.js';
import { ConfirmDialog } from '../../../kit/dialog.js';
import { Page, Toolbar } from '../../../kit/page.js';
import { Select } from '../../../kit/select.js';
import { Empty } from '../../../kit/states.js';
import { Time } from '../../../kit/time.js';
import { useToast } from '../../../kit/toast.js';
import * as texts from '../../../texts/en.js';
import styles from '../shared/console.module.css';

const words = texts.console.deadLetters;

const KINDS = ['all', 'delivery', 'task'] as const;
const OPTIONS = KINDS.map((value) => ({ value, label: words.kinds[value] }));

const COLUMNS: readonly Column<DeadLetter>[] = [
  {
    id: 'what',
    title: words.columns.what,
    cell: (letter) => (
      <>
        <span className={styles['wrap']}>{letter.reason}</span>
        <br />
        <What {...letter} />
        {isUnreadable(letter) && <p className={`muted ${styles['wrap']}`}>{words.unreadable}</p>}
      </>
    ),
  },
  { id: 'kind', title: words.columns.kind, width: '100px', from: 'desktop', cell: ({ kind }) => words.one[kind] },
  {
    id: 'since',
    title: words.columns.since,
    width: '120px',
    from: 'tablet',
    cell: ({ since }) => <Time at={new Date(since)} />,
  },
  {
    id: 'actions',
    title: words.columns.actions,
    titleUnseen: true,
    width: '112px',
    align: 'end',
    cell: ({ id }) => <Retry id={id} />,
  },
];

/** What a release reads of a task tells at least whose it is. */
const isUnreadable = ({ kind, appId }: DeadLetter) => kind === 'task' && appId === undefined;

/** What was given up, why, and the way to try it again. */
export default function DeadLettersPage() {
  const [given, setKind] = useAddress('kind', 'all');
  const kind = KINDS.find((one) => one === given) ?? 'all';
  const list = useDeadLetters(kind === 'all' ? null : kind);
  return (
    <Page title={words.title} lead={words.lead} actions={list.rows.length > 0 && <RetryAll />}>
      <Toolbar>
        <Select label={words.kind} options={OPTIONS} value={kind} onChange={(next) => setKind(next, true)} />
      </Toolbar>
      <DataTable
        label={words.title}
        columns={COLUMNS}
        list={list}
        rowKey={({ id }) => id}
        empty={
          <Empty icon="dead" title={words.empty.title}>
            {words.empty.text}
          </Empty>
        }
      />
    </Page>
  );
}

/** A message's own page tells more, where the caller may open it. */
function What({ id, appId, msgId }: DeadLetter) {
  const { isOperator } = useRole();
  if (isOperator || appId === undefined) return <code title={id}>{id}</code>;
  return (
    <>
      {msgId === undefined ? (
        <code title={id}>{id}</code>
      ) : (
        <Link to={`/applications/${appId}/messages/${msgId}`} title={id} className="mono">
          {msgId}
        </Link>
      )}
      <br />
      <Customer appId={appId} />
    </>
  );
}

/** Until the name is there, and of an application that was deleted, its id. */
function Customer({ appId }: { appId: string }) {
  const { data, error } = useApplicationNames(appId);
  return (
    <>
      {words.of} {error ? appId : <Link to={`/applications/${appId}`}>{data?.name ?? appId}</Link>}
    </>
  );
}

function Retry({ id }: { id: string }) {
  const redrive = useRedrive();
  const toast = useToast();
  const retry = () =>
    void after(
      redrive.mutateAsync(id),
      () => toast(words.retried),
      (error) => {
        const { title, detail } = faultOf(error);
        toast(detail === null ? title : `${title}: ${detail}`, 'bad');
      },
    );
  return (
    <Button small busy={redrive.isPending} onClick={retry}>
      {words.retry}
    </Button>
  );
}

function RetryAll() {
  const [asks, setAsks] = useState(false);
  const redrive = useRedrive();
  const toast = useToast();
  const { isOperator } = useRole();
  const done = () => {
    setAsks(false);
    toast(words.retriedAll);
  };
  return (
    <>
      <Button icon="refresh" onClick={() => setAsks(true)}>
        {words.retryAll}
      </Button>
      <ConfirmDialog
        open={asks}
        onClose={() => setAsks(false)}
        onConfirm={() => void after(redrive.mutateAsync(null), done)}
        title={words.confirm.title}
        action={words.retryAll}
        danger={false}
        busy={redrive.isPending}
        fault={redrive.error ? faultOf(redrive.error) : null}
      >
        <p>
          {words.confirm.text} {isOperator && words.confirm.operator}
        </p>
      </ConfirmDialog>
    </>
  );
}
