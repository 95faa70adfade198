import type { ReactNode } from 'react';
import { faultOf } from '../../api/errors.js';
import { DAYS_BEFORE, useToday, type AttemptStats } from '../../api/statistics.js';
import { MOST_WAITING, type Troubles } from '../../api/troubles.js';
import { ErrorBox, Skeleton } from '../../kit/states.js';
import { Status, type Tone } from '../../kit/status.js';
import { useNow } from '../../kit/time.js';
import { clock, number, percent } from '../../texts/format.js';
import * as texts from '../../texts/en.js';
import { judge } from './judged.js';
import styles from './overview.module.css';

const { today: words, verdict } = texts.overview;

const shareOf = ({ delivered, failed }: AttemptStats) => (delivered + failed === 0 ? null : delivered / (delivered + failed));

/** Whether it works, in a sentence, and the numbers of today beside those of the days before. */
export function Today({
  troubles,
  loading,
  limitedTo,
}: {
  troubles: Troubles;
  loading: boolean;
  /** How many endpoints were looked at, if not all. */
  limitedTo: number | null;
}) {
  const { today, before } = useToday(useNow());
  const { data } = today;
  const waiting = troubles.found.reduce((sum, { waiting: one }) => sum + one, 0);
  const isMore = troubles.found.some(({ waiting: one }) => one >= MOST_WAITING);
  const share = data && shareOf(data);
  const isKnown = !loading && !troubles.loading;
  if (today.error && !data) return <ErrorBox fault={faultOf(today.error)} onRetry={() => void today.refetch()} />;
  return (
    <section aria-label={words.title} className={styles['today']}>
      <div className={styles['verdict']} role="status">
        {data && isKnown ? (
          <Verdict today={data} troubles={troubles} isLimited={limitedTo !== null} />
        ) : (
          <Skeleton width="60%" height="48px" />
        )}
      </div>
      {today.error && <ErrorBox fault={faultOf(today.error)} onRetry={() => void today.refetch()} />}
      <dl className={styles['tiles']}>
        <Tile name={words.share} value={data && (share === null ? words.noShare : percent(share!))} tone="good">
          {beforeText(before.data, (days) => words.shareBefore(shareOf(days)!))}
        </Tile>
        <Tile name={words.delivered} value={data && number(data.delivered)} tone="good">
          {beforeText(before.data, (days) => words.before(days.delivered / DAYS_BEFORE))}
        </Tile>
        <Tile name={words.failed} value={data && number(data.failed)} tone="bad">
          {beforeText(before.data, (days) => words.before(days.failed / DAYS_BEFORE))}
        </Tile>
        <Tile
          name={words.waiting}
          value={isKnown ? (isMore ? words.orMore(waiting) : number(waiting)) : undefined}
          tone="waiting"
        >
          {isKnown ? waitingText(waiting, limitedTo) : <Skeleton width="80%" height="12px" />}
        </Tile>
      </dl>
      {data?.countedOnlyUntil && <p className="muted">{words.countedUntil(clock(data.countedOnlyUntil))}</p>}
    </section>
  );
}

function beforeText(days: AttemptStats | undefined, text: (days: AttemptStats) => string): ReactNode {
  if (!days) return <Skeleton width="80%" height="12px" />;
  if (days.delivered + days.failed > 0) return text(days);
  return days.countedSince === null ? words.nothingBefore : words.notCountedBefore;
}

function Tile(props: { name: string; value: string | undefined; tone: Tone; children: ReactNode }) {
  const { name, value, tone, children } = props;
  return (
    <div className={styles['tile']}>
      <dt>
        <Status tone={tone}>{name}</Status>
      </dt>
      <dd className={styles['value']}>{value ?? <Skeleton width="80px" height="24px" />}</dd>
      <dd className={styles['before']}>{children}</dd>
    </div>
  );
}

function waitingText(waiting: number, limitedTo: number | null): string {
  const text = waiting > 0 ? words.toBeTried : words.noneWaits;
  return limitedTo === null ? text : words.ofNewest(text, limitedTo);
}

function Verdict({ today, troubles, isLimited }: { today: AttemptStats; troubles: Troubles; isLimited: boolean }) {
  const needLook = judge(troubles.found).filter(({ kind }) => kind !== 'again').length;
  const { title, text, tone } = verdictOf(today, needLook, isLimited ? verdict.someOrMore(needLook) : verdict.some(needLook));
  return (
    <div className={styles[tone]}>
      <h2>{title}</h2>
      <p className="muted">{text}</p>
    </div>
  );
}

function verdictOf(today: AttemptStats, needLook: number, someNeedLook: string): { title: string; text: string; tone: Tone } {
  const share = shareOf(today);
  if (share === null) {
    const text = verdict.quietText;
    if (needLook > 0) return { title: someNeedLook, text: verdict.quiet + '.', tone: 'waiting' };
    return { title: verdict.quiet, text, tone: 'off' };
  }
  if (share === 0) return { title: verdict.bad, text: verdict.badText, tone: 'bad' };
  if (needLook > 0) return { title: someNeedLook, text: verdict.someText(share), tone: 'bad' };
  if (share === 1) return { title: verdict.good, text: verdict.goodText(today.delivered), tone: 'good' };
  return { title: verdict.mostly, text: verdict.mostlyText(share), tone: 'good' };
}
