import type { EventTypeOut } from 'svix';
import { useApplication } from '../../api/application.js';
import { DataTable, type Column } from '../../kit/data-table.js';
import { Badge } from '../../kit/status.js';
import * as texts from '../../texts/en.js';
import { groupsOf } from './event-types.js';

const words = texts.eventTypes;
/** All rows are there already. */
const WHOLE = {
  loading: false,
  fault: null,
  retry: () => {},
  hasMore: false,
  loadingMore: false,
  more: () => {},
  fresh: 0,
  hasMoreFresh: false,
  showFresh: () => {},
};

const COLUMNS: readonly Column<EventTypeOut>[] = [
  {
    id: 'name',
    title: words.columns.name,
    cell: ({ name, deprecated }) => (
      <>
        <code title={name}>{name}</code> {deprecated && <Badge>{words.deprecated}</Badge>}
      </>
    ),
  },
  {
    id: 'description',
    title: words.columns.description,
    width: '36%',
    from: 'tablet',
    cell: ({ description }) => <span title={description}>{description}</span>,
  },
  {
    id: 'group',
    title: words.columns.group,
    width: '16%',
    from: 'desktop',
    cell: ({ groupName }) => <span title={groupName ?? undefined}>{groupName ?? words.ungrouped}</span>,
  },
];

/** A catalogue that is too long to be drawn as a whole: a line for each event type, in the order of their groups. */
export function LongCatalogue({ types, goesTo }: { types: readonly EventTypeOut[]; goesTo: (name: string) => string | null }) {
  const { at } = useApplication();
  const rows = groupsOf(types).flatMap((group) => group.types);
  const endpoints: Column<EventTypeOut> = {
    id: 'endpoints',
    title: words.columns.endpoints,
    width: '160px',
    from: 'tablet',
    cell: ({ name }) => goesTo(name),
  };
  return (
    <DataTable
      label={words.title}
      columns={[...COLUMNS, endpoints]}
      list={{ ...WHOLE, rows }}
      rowKey={({ name }) => name}
      rowLink={({ name }) => at(`/event-types/${encodeURIComponent(name)}`)}
      empty={null}
    />
  );
}
