import { useRole } from '../../../api/console/role.js';
import { wholeList } from '../../../api/list.js';
import {
  MOST_WAITING,
  useRanking,
  useWaiting,
  type RangeName,
  type RankedEndpoint,
  type Ranking,
} from '../../../api/console/statistics.js';
import { DataTable, type Column } from '../../../kit/data-table.js';
import { Section } from '../../../kit/page.js';
import { Empty, Skeleton } from '../../../kit/states.js';
import { Badge } from '../../../kit/status.js';
import * as texts from '../../../texts/en.js';
import { number, percent } from '../../../texts/format.js';
import styles from '../shared/console.module.css';

const words = texts.console.health;

const ENDPOINT: Column<RankedEndpoint> = { id: 'endpoint', title: words.columns.endpoint, cell: (row) => <Name {...row} /> };
const APPLICATION: Column<RankedEndpoint> = {
  id: 'application',
  title: words.columns.application,
  width: '24%',
  from: 'tablet',
  cell: ({ appName }) => appName,
};

const COLUMNS: Record<Ranking, readonly Column<RankedEndpoint>[]> = {
  failing: [
    ENDPOINT,
    APPLICATION,
    { id: 'failed', title: words.columns.failed, width: '80px', align: 'end', cell: ({ failed }) => number(failed) },
    {
      id: 'share',
      title: words.columns.share,
      width: '80px',
      align: 'end',
      cell: ({ failed, delivered }) => percent(failed / Math.max(failed + delivered, 1)),
    },
    {
      id: 'waiting',
      title: words.columns.waiting,
      width: '90px',
      align: 'end',
      from: 'tablet',
      cell: (row) => <Waiting {...row} />,
    },
  ],
  slow: [
    ENDPOINT,
    APPLICATION,
    {
      id: 'latency',
      title: words.columns.latency,
      width: '140px',
      align: 'end',
      cell: ({ p50Ms, p95Ms }) => words.latency(p50Ms, p95Ms),
    },
  ],
};

/** The endpoints that come first in an order. An operator has no page for them: they belong to an organisation. */
export function RankingTable({ range, order }: { range: RangeName; order: Ranking }) {
  const query = useRanking(range, order);
  const { isOperator } = useRole();
  const { title, empty, text } = words[order];
  const columns = COLUMNS[order].filter(({ id }) => !isOperator || id !== 'waiting');
  return (
    <Section title={title}>
      <DataTable
        label={title}
        columns={columns}
        list={wholeList(query, query.data ?? [])}
        rowKey={({ endpointId }) => endpointId}
        {...(!isOperator && {
          rowLink: ({ appId, endpointId }: RankedEndpoint) => `/applications/${appId}/endpoints/${endpointId}`,
        })}
        empty={
          <Empty icon="health" title={empty}>
            {text}
          </Empty>
        }
      />
    </Section>
  );
}

function Name({ url, disabled }: RankedEndpoint) {
  return (
    <span className={styles['clip']} title={url}>
      <span className="mono">{url.replace(/^https:\/\//, '')}</span> {disabled && <Badge>{words.disabled}</Badge>}
    </span>
  );
}

function Waiting({ appId, endpointId }: RankedEndpoint) {
  const { data, isPending } = useWaiting(appId, endpointId);
  if (isPending) return <Skeleton width="32px" />;
  return data === undefined ? '–' : words.waiting(data, MOST_WAITING);
}
