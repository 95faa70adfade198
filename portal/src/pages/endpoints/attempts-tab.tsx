import { useSearchParams } from 'react-router';
import { useApplication } from '../../api/application.js';
import { useAttempts, type Attempt, type AttemptFilter } from '../../api/endpoint-attempts.js';
import type { Endpoint } from '../../api/endpoints.js';
import { useAddress } from '../../kit/address.js';
import { DataTable, type Column } from '../../kit/data-table.js';
import { Toolbar } from '../../kit/page.js';
import { Select } from '../../kit/select.js';
import { Empty } from '../../kit/states.js';
import { Status } from '../../kit/status.js';
import { Time } from '../../kit/time.js';
import * as texts from '../../texts/en.js';
import { duration } from '../../texts/format.js';
import { AttemptDialog } from './attempt-dialog.js';
import { answerOf } from './attempt-reason.js';
import styles from './endpoint.module.css';

const words = texts.endpoints.page.attempts;
const STATUSES = ['all', 'delivered', 'failed'] as const;
const optionsOf = (labels: Record<string, string>) => Object.entries(labels).map(([value, label]) => ({ value, label }));

const COLUMNS: readonly Column<Attempt>[] = [
  { id: 'status', title: words.columns.status, width: '108px', cell: (attempt) => <Result {...attempt} /> },
  {
    id: 'answer',
    title: words.columns.answer,
    width: '104px',
    cell: (attempt) => <span className="mono">{answerOf(attempt)}</span>,
  },
  {
    id: 'type',
    title: words.columns.type,
    from: 'tablet',
    cell: ({ msg }) => <span className="mono">{msg?.eventType ?? '–'}</span>,
  },
  {
    id: 'duration',
    title: words.columns.duration,
    width: '100px',
    align: 'end',
    from: 'tablet',
    cell: ({ responseDurationMs }) => duration(responseDurationMs),
  },
  {
    id: 'trigger',
    title: words.columns.trigger,
    width: '100px',
    from: 'desktop',
    cell: ({ triggerType }) => words.triggers[triggerType],
  },
  { id: 'time', title: words.columns.time, cell: ({ timestamp }) => <Time at={timestamp} /> },
];

/** The attempts at an endpoint. The open one stands in the address. */
export function AttemptsTab({ endpoint }: { endpoint: Endpoint }) {
  const [given, setStatus] = useAddress('status', 'all');
  const [hours, setHours] = useAddress('hours', 'all');
  const [open, setOpen] = useAddress('attempt');
  const status = STATUSES.find((one) => one === given) ?? 'all';
  const list = useAttempts(endpoint.id, { status, hours: hours === 'all' ? null : Number(hours) || null });
  const linkTo = useRowLink(endpoint);
  const isFiltered = status !== 'all' || hours !== 'all';
  const nothing = isFiltered ? words.noMatch : words.empty;
  return (
    <div className={styles['part']}>
      <Toolbar>
        <Select<AttemptFilter['status']>
          label={words.status}
          options={STATUSES.map((value) => ({ value, label: words.statuses[value] }))}
          value={status}
          onChange={setStatus}
        />
        <Select label={words.time} options={optionsOf(words.times)} value={hours} onChange={setHours} />
      </Toolbar>
      <DataTable
        label={words.label}
        columns={COLUMNS}
        list={list}
        rowKey={({ id }) => id}
        rowLink={linkTo}
        empty={<Empty title={nothing.title}>{nothing.text}</Empty>}
      />
      {open !== '' && <AttemptDialog reference={open} onClose={() => setOpen(null)} />}
    </div>
  );
}

/** Message and attempt: an attempt is found by both. */
function useRowLink(endpoint: Endpoint): (attempt: Attempt) => string {
  const { at } = useApplication();
  const [search] = useSearchParams();
  return ({ msgId, id }) => {
    const next = new URLSearchParams(search);
    next.set('attempt', `${msgId}~${id}`);
    return `${at(`/endpoints/${endpoint.id}`)}?${next}`;
  };
}

function Result({ status }: Attempt) {
  return status === 0 ? <Status tone="good">{words.delivered}</Status> : <Status tone="bad">{words.failed}</Status>;
}
