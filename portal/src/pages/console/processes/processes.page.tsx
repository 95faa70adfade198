import { useProcesses, type Process } from '../../../api/console/processes.js';
import { useRole } from '../../../api/console/role.js';
import { useAddress } from '../../../kit/address.js';
import { Id } from '../../../kit/copy.js';
import { Dialog } from '../../../kit/dialog.js';
import { Facts, Page } from '../../../kit/page.js';
import { SkeletonLines } from '../../../kit/states.js';
import { Status } from '../../../kit/status.js';
import { Time } from '../../../kit/time.js';
import * as texts from '../../../texts/en.js';
import { NeedsPage } from '../shared/needs.js';
import { ProcessState, ProcessSummary, ProcessTable } from '../shared/process-table.js';

const words = texts.console.processes;

/** What runs: version, colour, share of the traffic, and what each process needs. For operators. */
export default function ProcessesPage() {
  const { needsOperator } = useRole();
  if (needsOperator !== null) return <NeedsPage title={words.title} lead={words.lead} what="needsOperator" />;
  return <Processes />;
}

function Processes() {
  const query = useProcesses(true);
  const [open, setOpen] = useAddress('open');
  const shown = query.data?.find(({ id }) => id === open);
  return (
    <Page title={words.title} lead={words.lead}>
      {query.isPending ? (
        // The summary is as high as what it says: the table would move.
        <SkeletonLines lines={8} />
      ) : (
        <>
          <ProcessSummary processes={query.data ?? []} />
          <ProcessTable query={query} link={({ id }) => `?open=${encodeURIComponent(id)}`} more />
        </>
      )}
      <Dialog open={shown !== undefined} onClose={() => setOpen(null)} title={words.details} wide>
        {shown && <Details {...shown} />}
      </Dialog>
    </Page>
  );
}

function Details(process: Process) {
  const { columns } = words;
  const needs = Object.entries(process.dependencies).map(([name, state]) => ({
    name,
    value: <Status tone={state === 'up' ? 'good' : 'bad'}>{state === 'up' ? words.up : words.down}</Status>,
  }));
  return (
    <>
      <Facts
        items={[
          { name: columns.id, value: <Id id={process.id} thing={words.idThing} /> },
          { name: columns.state, value: <ProcessState {...process} /> },
          { name: columns.version, value: process.version },
          { name: columns.roles, value: process.roles.join(', ') },
          { name: columns.colour, value: process.targetGroup ?? words.noColour },
          { name: columns.share, value: words.share(process.trafficShare) },
          { name: columns.started, value: <Time at={new Date(process.startedAt)} /> },
          { name: words.seen, value: <Time at={new Date(process.seenAt)} /> },
          { name: columns.delay, value: words.delay(process.loopDelayMs) },
          { name: columns.memory, value: words.memory(process.memoryBytes) },
          { name: columns.work, value: words.work(process.deliveriesInWork) },
        ]}
      />
      <h3>{words.needs}</h3>
      <Facts items={needs} />
    </>
  );
}
