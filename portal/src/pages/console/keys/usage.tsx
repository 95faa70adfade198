import { useKeyUsage, useLimits, type KeyUsage } from '../../../api/console/api-keys.js';
import { useRole } from '../../../api/console/role.js';
import { faultOf } from '../../../api/errors.js';
import { DataTable, type Column } from '../../../kit/data-table.js';
import { Facts, Section } from '../../../kit/page.js';
import { Empty, ErrorBox, SkeletonLines } from '../../../kit/states.js';
import * as texts from '../../../texts/en.js';
import { number } from '../../../texts/format.js';
import styles from '../shared/console.module.css';

const words = texts.console.keys.usage;
/** Of these, 0 is no limit. */
const NONE_IF_ZERO = /^throttle/;

const DAY: Column<KeyUsage> = { id: 'day', title: words.columns.day, width: '110px', cell: ({ day }) => day };
const KEY: Column<KeyUsage> = {
  id: 'key',
  title: words.columns.key,
  cell: ({ keyId }) => (
    <code className={styles['clip']} title={keyId}>
      {keyId}
    </code>
  ),
};
const ORG: Column<KeyUsage> = {
  id: 'org',
  title: words.columns.org,
  width: '24%',
  from: 'tablet',
  cell: ({ orgId }) => <code title={orgId}>{orgId}</code>,
};
const NUMBERS: readonly Column<KeyUsage>[] = [
  { id: 'ok', title: words.columns.ok, width: '96px', align: 'end', cell: ({ requests }) => number(requests.ok) },
  {
    id: 'refused',
    title: words.columns.refused,
    width: '90px',
    align: 'end',
    from: 'tablet',
    cell: ({ requests }) => number(requests.refused),
  },
  {
    id: 'failed',
    title: words.columns.failed,
    width: '80px',
    align: 'end',
    from: 'tablet',
    cell: ({ requests }) => number(requests.failed),
  },
  {
    id: 'messages',
    title: words.columns.messages,
    width: '96px',
    align: 'end',
    from: 'tablet',
    cell: ({ messages }) => number(messages),
  },
];

/** What the organisation may, what it used of it, and which key did. */
export function Usage() {
  const { isOperator } = useRole();
  const list = useKeyUsage();
  const limits = useLimits(!isOperator);
  // The table is below the limits: it is shown once they have their height.
  if (!isOperator && limits.isPending) return <SkeletonLines lines={8} />;
  return (
    <div className={styles['stack']}>
      {!isOperator && <Limits query={limits} />}
      <Section title={words.byKey}>
        <DataTable
          label={words.byKey}
          columns={[DAY, KEY, ...(isOperator ? [ORG] : []), ...NUMBERS]}
          list={list}
          rowKey={({ id }) => id}
          empty={
            <Empty icon="keys" title={words.empty.title}>
              {words.empty.text}
            </Empty>
          }
        />
      </Section>
    </div>
  );
}

function Limits({ query: { data, error, refetch } }: { query: ReturnType<typeof useLimits> }) {
  if (error || !data) return <ErrorBox fault={faultOf(error)} onRetry={() => void refetch()} />;
  const { limits, messages } = data;
  return (
    <>
      <Section title={words.quotas}>
        <Facts
          items={[
            { name: words.today, value: words.of(messages.today, limits['messagesPerDay'] ?? 0) },
            { name: words.month, value: words.of(messages.thisMonth, limits['messagesPerMonth'] ?? 0) },
          ]}
        />
      </Section>
      <Section title={words.limits}>
        <Facts
          items={Object.entries(words.names).flatMap(([limit, name]) =>
            limits[limit] === undefined ? [] : [{ name, value: words.limit(limits[limit], NONE_IF_ZERO.test(limit)) }],
          )}
        />
      </Section>
    </>
  );
}
