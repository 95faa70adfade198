import type { UseQueryResult } from '@tanstack/react-query';
import { wholeList } from '../../../api/list.js';
import type { Process } from '../../../api/console/processes.js';
import { DataTable, type Column } from '../../../kit/data-table.js';
import { Notice } from '../../../kit/page.js';
import { Empty } from '../../../kit/states.js';
import { Badge, Status } from '../../../kit/status.js';
import { Time } from '../../../kit/time.js';
import * as texts from '../../../texts/en.js';

const words = texts.console.processes;

const SHORT: readonly Column<Process>[] = [
  { id: 'id', title: words.columns.id, cell: ({ id }) => <code title={id}>{id}</code> },
  { id: 'state', title: words.columns.state, width: '150px', cell: (process) => <ProcessState {...process} /> },
  {
    id: 'version',
    title: words.columns.version,
    width: '100px',
    from: 'tablet',
    cell: ({ version }) => <Badge mono>{version}</Badge>,
  },
  {
    id: 'colour',
    title: words.columns.colour,
    width: '110px',
    from: 'tablet',
    cell: ({ targetGroup }) => targetGroup ?? <span className="muted">{words.noColour}</span>,
  },
  {
    id: 'share',
    title: words.columns.share,
    width: '80px',
    align: 'end',
    from: 'tablet',
    cell: ({ trafficShare }) => words.share(trafficShare),
  },
  {
    id: 'needs',
    title: words.columns.dependencies,
    width: '150px',
    from: 'desktop',
    cell: (process) => <Needed {...process} />,
  },
];

const MORE: readonly Column<Process>[] = [
  {
    id: 'memory',
    title: words.columns.memory,
    width: '100px',
    align: 'end',
    from: 'desktop',
    cell: ({ memoryBytes }) => words.memory(memoryBytes),
  },
  {
    id: 'started',
    title: words.columns.started,
    width: '110px',
    from: 'desktop',
    cell: ({ startedAt }) => <Time at={new Date(startedAt)} />,
  },
];

/** The processes of the service. */
export function ProcessTable(props: { query: UseQueryResult<Process[]>; link: (process: Process) => string; more?: boolean }) {
  const { query, link, more = false } = props;
  return (
    <DataTable
      label={words.title}
      columns={more ? [...SHORT, ...MORE] : SHORT}
      list={wholeList(query, query.data ?? [])}
      rowKey={({ id }) => id}
      rowLink={link}
      empty={<Empty icon="processes" title={words.summary.none} />}
    />
  );
}

/** What runs, in words. */
export function ProcessSummary({ processes }: { processes: readonly Process[] }) {
  if (processes.length === 0) return null;
  const versions = [...new Set(processes.map(({ version }) => version))];
  const away = awayOf(processes);
  const stale = processes.filter((one) => one.stale).length;
  const traffic = trafficOf(processes);
  const text = words.summary.good(processes.length, words.summary.versions(versions.join(', ')));
  if (away.length > 0 || stale > 0)
    return (
      <Notice tone="bad" title={words.summary.bad}>
        {away.length > 0 && <p>{words.summary.away(away.join(', '))}</p>}
        {stale > 0 && <p>{words.summary.stale(stale)}</p>}
      </Notice>
    );
  return (
    <Notice tone={versions.length > 1 ? 'waiting' : 'good'} title={versions.length > 1 ? words.summary.release : text}>
      {versions.length > 1 && <p>{text}</p>}
      {traffic !== null && <p>{words.summary.traffic(traffic)}</p>}
    </Notice>
  );
}

/** The names of what at least one living process can not reach. */
export function awayOf(processes: readonly Process[]): string[] {
  const names = processes
    .filter(({ stale }) => !stale)
    .flatMap(({ dependencies }) => Object.entries(dependencies).flatMap(([name, state]) => (state === 'away' ? [name] : [])));
  return [...new Set(names)].sort();
}

export function ProcessState({ stale, draining, ageSeconds }: Process) {
  if (stale) return <Status tone="bad">{words.states.stale(ageSeconds)}</Status>;
  return draining ? <Status tone="waiting">{words.states.draining}</Status> : <Status tone="good">{words.states.running}</Status>;
}

function Needed({ dependencies }: Process) {
  const away = Object.entries(dependencies).flatMap(([name, state]) => (state === 'away' ? [name] : []));
  return away.length === 0 ? (
    <Status tone="good">{words.allUp}</Status>
  ) : (
    <Status tone="bad">{words.away(away.join(', '))}</Status>
  );
}

/** "blue 90 %, green 10 %"; null outside of releases. */
function trafficOf(processes: readonly Process[]): string | null {
  const shares = new Map(
    processes.flatMap(({ targetGroup, trafficShare }) => (targetGroup ? [[targetGroup, trafficShare]] : [])),
  );
  if (shares.size === 0) return null;
  return [...shares].map(([name, share]) => words.summary.share(name, share)).join(', ');
}
