import type { BackgroundTaskOut } from 'svix';
import { useRole } from '../../../api/console/role.js';
import { TASK_KINDS, TASK_STATES, useTasks, type TaskState } from '../../../api/console/tasks.js';
import { useAddress } from '../../../kit/address.js';
import { JsonView } from '../../../kit/code-block.js';
import { Id } from '../../../kit/copy.js';
import { DataTable, type Column } from '../../../kit/data-table.js';
import { Dialog } from '../../../kit/dialog.js';
import { Facts, Page, Toolbar } from '../../../kit/page.js';
import { Select } from '../../../kit/select.js';
import { Empty } from '../../../kit/states.js';
import { Status, type Tone } from '../../../kit/status.js';
import { Time } from '../../../kit/time.js';
import * as texts from '../../../texts/en.js';
import { NeedsPage } from '../shared/needs.js';

const words = texts.console.tasks;
const ANY = 'all';
const STATES = [ANY, ...TASK_STATES].map((value) => ({
  value,
  label: value === ANY ? words.any : words.states[value as TaskState],
}));
const KINDS = [ANY, ...TASK_KINDS].map((value) => ({ value, label: value === ANY ? words.any : kindOf(value) }));
const TONES: Record<string, Tone> = { running: 'waiting', finished: 'good', failed: 'bad' };

const COLUMNS: readonly Column<BackgroundTaskOut>[] = [
  { id: 'task', title: words.columns.task, cell: ({ task }) => kindOf(task) },
  { id: 'state', title: words.columns.state, width: '120px', cell: (task) => <State {...task} /> },
  { id: 'progress', title: words.columns.progress, width: '26%', cell: (task) => progressOf(task) },
  {
    id: 'changed',
    title: words.columns.changed,
    width: '140px',
    from: 'tablet',
    cell: ({ updatedAt }) => <Time at={updatedAt} />,
  },
];

/** Long work of the organisation. What runs is followed live. */
export default function TasksPage() {
  const { needsOrganization } = useRole();
  if (needsOrganization !== null) return <NeedsPage title={words.title} lead={words.lead} what="needsOrganization" />;
  return <Tasks />;
}

function Tasks() {
  const [status, setStatus] = useAddress('status', ANY);
  const [task, setTask] = useAddress('task', ANY);
  const [open, setOpen] = useAddress('open');
  const filter = { status: known(TASK_STATES, status), task: known(TASK_KINDS, task) };
  const list = useTasks(filter, true);
  const shown = list.rows.find(({ id }) => id === open);
  const search = new URLSearchParams([...(filter.status ? [['status', status]] : []), ...(filter.task ? [['task', task]] : [])]);
  const isNarrowed = filter.status !== null || filter.task !== null;
  const { title, text } = isNarrowed ? words.nothing : words.empty;
  return (
    <Page title={words.title} lead={words.lead}>
      <Toolbar>
        <Select label={words.status} options={STATES} value={filter.status ?? ANY} onChange={(next) => setStatus(next, true)} />
        <Select label={words.kind} options={KINDS} value={filter.task ?? ANY} onChange={(next) => setTask(next, true)} />
      </Toolbar>
      <DataTable
        label={words.title}
        columns={COLUMNS}
        list={list}
        rowKey={({ id }) => id}
        rowLink={({ id }) => `?${new URLSearchParams([...search, ['open', id]])}`}
        empty={
          <Empty icon="tasks" title={title}>
            {text}
          </Empty>
        }
      />
      {open !== '' && !list.loading && !shown && <p role="status">{texts.kit.notListed}</p>}
      <Dialog open={shown !== undefined} onClose={() => setOpen(null)} title={words.details} wide>
        {shown && <Details {...shown} />}
      </Dialog>
    </Page>
  );
}

function Details(task: BackgroundTaskOut) {
  const { columns } = words;
  return (
    <>
      <Facts
        items={[
          { name: columns.task, value: kindOf(task.task) },
          { name: columns.state, value: <State {...task} /> },
          { name: columns.progress, value: progressOf(task) },
          { name: columns.changed, value: <Time at={task.updatedAt} /> },
          { name: columns.id, value: <Id id={task.id} thing={words.idThing} /> },
        ]}
      />
      <JsonView value={task.data} thing={words.result} />
    </>
  );
}

function State({ status }: BackgroundTaskOut) {
  return <Status tone={TONES[status] ?? 'off'}>{words.states[status as TaskState]}</Status>;
}

/** How far a task is, by what its kind writes down. */
function progressOf({ data }: BackgroundTaskOut): string {
  const { messagesSent, messagesPurged, event_types: types, appStats, error } = (data ?? {}) as Record<string, unknown>;
  if (typeof error === 'string') return error;
  if (typeof messagesSent === 'number') return words.progress.sent(messagesSent);
  if (typeof messagesPurged === 'number') return words.progress.purged(messagesPurged);
  if (Array.isArray(types)) return words.progress.types(types.length);
  if (Array.isArray(appStats)) return words.progress.applications(appStats.length);
  return words.progress.none;
}

function kindOf(task: string): string {
  return words.kinds[task] ?? task;
}

function known<T extends string>(names: readonly T[], given: string): T | null {
  return names.find((name) => name === given) ?? null;
}
