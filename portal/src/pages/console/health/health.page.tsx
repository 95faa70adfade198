import { Link } from 'react-router';
import { useDeadLetters } from '../../../api/console/dead-letters.js';
import { useProcesses, type Process } from '../../../api/console/processes.js';
import { useRole } from '../../../api/console/role.js';
import { RANGES, useAttempts, useRanking, type AttemptStats, type RangeName } from '../../../api/console/statistics.js';
import { faultOf } from '../../../api/errors.js';
import { useAddress } from '../../../kit/address.js';
import { useFirst } from '../../../kit/first.js';
import { Facts, Notice, Page, Section } from '../../../kit/page.js';
import { Segments } from '../../../kit/segments.js';
import { ErrorBox, Skeleton } from '../../../kit/states.js';
import * as texts from '../../../texts/en.js';
import { number, percent } from '../../../texts/format.js';
import styles from '../shared/console.module.css';
import { Needs } from '../shared/needs.js';
import { awayOf, ProcessSummary, ProcessTable } from '../shared/process-table.js';
import { Charts } from './charts.js';
import { RankingTable } from './ranking.js';
import { verdictOf, type Verdict } from './verdict.js';

const words = texts.console.health;
const OPTIONS = (Object.keys(RANGES) as RangeName[]).map((value) => ({ value, label: words.ranges[value] }));
const FALLBACK: RangeName = '1h';

/** Is it us or one customer, and who is hurt: the answer in words, then the numbers. */
export default function HealthPage() {
  const [given] = useAddress('range', FALLBACK);
  const range = Object.hasOwn(RANGES, given) ? (given as RangeName) : FALLBACK;
  const { isOperator } = useRole();
  const attempts = useAttempts(range);
  const processes = useProcesses(isOperator);
  const rankings = [useRanking(range, 'failing'), useRanking(range, 'slow')];
  // Each part is as high as what it says and stands above others: all of them come at once.
  const isWaiting = useFirst([attempts, ...rankings].some(({ isPending }) => isPending) || (isOperator && processes.isPending));
  return (
    <Page
      title={words.title}
      lead={words.lead}
      actions={<Segments label={words.range} name="range" options={OPTIONS} value={range} />}
    >
      {isWaiting ? (
        <Waiting />
      ) : (
        <>
          {attempts.error && <ErrorBox fault={faultOf(attempts.error)} onRetry={() => void attempts.refetch()} />}
          {isOperator && <Service processes={processes.data ?? []} />}
          {attempts.data && <Answer stats={attempts.data} range={range} />}
          {attempts.data && <Charts stats={attempts.data} />}
          <RankingTable range={range} order="failing" />
          <RankingTable range={range} order="slow" />
          <Processes query={processes} />
        </>
      )}
    </Page>
  );
}

/** The places of the answer, the numbers and the charts. */
function Waiting() {
  return (
    <div className={styles['stack']} role="status" aria-label={texts.kit.loading}>
      <Skeleton height="62px" />
      <Skeleton height="92px" />
      <Charts stats={undefined} />
    </div>
  );
}

function Processes({ query }: { query: ReturnType<typeof useProcesses> }) {
  const { isOperator } = useRole();
  return (
    <Section title={words.processes} actions={isOperator && <Link to="/processes">{words.allProcesses}</Link>}>
      {isOperator ? (
        <>
          <ProcessSummary processes={query.data ?? []} />
          <ProcessTable query={query} link={({ id }) => `/processes?open=${encodeURIComponent(id)}`} />
        </>
      ) : (
        <Needs what="needsOperator" />
      )}
    </Section>
  );
}

/** What is wrong with the service itself comes first. */
function Service({ processes }: { processes: readonly Process[] }) {
  const away = awayOf(processes);
  const stale = processes.filter((one) => one.stale).length;
  if (away.length > 0) return <Told {...words.verdict.away(away.join(', '))} tone="bad" />;
  return stale > 0 ? <Told {...words.verdict.stale(stale)} tone="bad" /> : null;
}

function Answer({ stats, range }: { stats: AttemptStats; range: RangeName }) {
  const failing = useRanking(range, 'failing');
  const letters = useDeadLetters(null);
  // Of a service that is younger than the range, since its first attempt.
  const from = stats.points.find(({ delivered, failed }) => (delivered ?? 0) + (failed ?? 0) > 0)?.at ?? stats.since;
  const seconds = Math.max((Date.parse(stats.countedUntil) - Date.parse(from)) / 1000, 1);
  const all = stats.delivered + stats.failed;
  return (
    <>
      <Told {...verdictOf(stats, failing.data ?? [])} />
      <Facts
        items={[
          {
            name: words.facts.delivered,
            value: all === 0 ? '–' : `${number(stats.delivered)} (${percent(stats.delivered / all)})`,
          },
          { name: words.facts.failed, value: number(stats.failed) },
          { name: words.facts.rate, value: number(Math.round((all / seconds) * 10) / 10) },
          { name: words.facts.latency, value: words.latency(stats.p50Ms, stats.p95Ms) },
          {
            name: words.facts.letters,
            value: letters.loading ? (
              <Skeleton width="60px" />
            ) : letters.rows.length === 0 ? (
              words.facts.none
            ) : (
              <Link to="/dead-letters">{words.facts.lettersSome(letters.rows.length, letters.hasMore)}</Link>
            ),
          },
        ]}
      />
    </>
  );
}

function Told({ tone, title, text }: Verdict) {
  return (
    <Notice tone={tone} title={title}>
      <p>{text}</p>
    </Notice>
  );
}
