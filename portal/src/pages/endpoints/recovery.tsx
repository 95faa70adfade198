import { useState } from 'react';
import { serverNow } from '../../clock.js';
import { useCannot } from '../../api/application.js';
import { useCourse } from '../../api/endpoint-attempts.js';
import { useStartRecovery, useTask, type BackgroundTask, type Recovery as Kind } from '../../api/endpoint-recovery.js';
import type { Endpoint } from '../../api/endpoints.js';
import { faultOf } from '../../api/errors.js';
import { useAddress } from '../../kit/address.js';
import { Button } from '../../kit/button.js';
import { CancelButton, Dialog } from '../../kit/dialog.js';
import { Notice, Section } from '../../kit/page.js';
import { Select } from '../../kit/select.js';
import { ErrorBox, Skeleton } from '../../kit/states.js';
import { useNow } from '../../kit/time.js';
import * as texts from '../../texts/en.js';
import styles from './endpoint.module.css';

const words = texts.endpoints.page.recovery;
const HOUR_MS = 3_600_000;
const MAX_MS = 14 * 24 * HOUR_MS;
/** The first failure is included, also if clocks differ. */
const SLACK_MS = 60_000;

/** Sends again what failed, or what was never tried, and shows how far it is. The task stands in the address. */
export function Recovery({ endpoint }: { endpoint: Endpoint }) {
  const [asked, setAsked] = useState<Kind | null>(null);
  const [task, setTask] = useAddress('task');
  const missing = useCannot('CreateAttempts');
  const cannot = missing ?? (endpoint.disabled ? words.disabled : null);
  return (
    <Section title={words.title}>
      {task !== '' && <Progress key={task} id={task} onDismiss={() => setTask(null)} />}
      <div className={styles['choices']}>
        <div className={styles['choice']}>
          <p className="muted">{words.recoverLead}</p>
          <Button cannot={cannot} onClick={() => setAsked('recover')}>
            {words.recover} …
          </Button>
        </div>
        <div className={styles['choice']}>
          <p className="muted">{words.missingLead}</p>
          <Button cannot={cannot} onClick={() => setAsked('replay-missing')}>
            {words.missing} …
          </Button>
        </div>
      </div>
      {asked !== null && (
        <Ask
          key={asked}
          kind={asked}
          endpoint={endpoint}
          onClose={() => setAsked(null)}
          onStarted={({ id }) => {
            setAsked(null);
            setTask(id);
          }}
        />
      )}
    </Section>
  );
}

function Ask(props: { kind: Kind; endpoint: Endpoint; onClose: () => void; onStarted: (task: BackgroundTask) => void }) {
  const { kind, endpoint, onClose, onStarted } = props;
  const { mutate, isPending, error, reset } = useStartRecovery(endpoint.id);
  const now = useNow();
  // It may be mended meanwhile; what is asked here stays.
  const latest = useCourse(endpoint.id).data?.failingFrom?.timestamp;
  const [failingFrom, setFailingFrom] = useState(latest);
  if (failingFrom === undefined && latest !== undefined) setFailingFrom(latest);
  const canTakeFailing = failingFrom !== undefined && now - failingFrom.getTime() < MAX_MS;
  const [span, setSpan] = useState(kind === 'recover' && canTakeFailing ? 'failing' : '24');
  const [idempotencyKey] = useState(() => crypto.randomUUID());
  const options = [
    ...(canTakeFailing ? [{ value: 'failing', label: words.sinceFailing }] : []),
    ...Object.entries(words.spans).map(([value, label]) => ({ value, label })),
  ].sort((one, other) => Number(one.value) - Number(other.value) || 0);
  const since = () =>
    new Date(span === 'failing' && failingFrom ? failingFrom.getTime() - SLACK_MS : serverNow() - Number(span) * HOUR_MS);
  const choose = (next: string) => {
    reset();
    setSpan(next);
  };
  const start = () => mutate({ kind, since: since(), idempotencyKey: `${idempotencyKey}-${span}` }, { onSuccess: onStarted });
  return (
    <Dialog
      open
      onClose={onClose}
      title={kind === 'recover' ? words.recover : words.missing}
      text={kind === 'recover' ? words.recoverText : words.missingText}
      actions={
        <>
          <CancelButton onClick={onClose} />
          <Button look="primary" busy={isPending} onClick={start}>
            {words.start[kind]}
          </Button>
        </>
      }
    >
      <Select label={words.since} options={options} value={span} onChange={choose} />
      {error && <ErrorBox fault={faultOf(error)} />}
    </Dialog>
  );
}

const KINDS: Record<string, Kind> = { 'endpoint.recover': 'recover', 'endpoint.replay': 'replay-missing' };

function Progress({ id, onDismiss }: { id: string; onDismiss: () => void }) {
  const { data, error, refetch } = useTask(id);
  const { progress } = words;
  const [, setTab] = useAddress('tab', 'overview');
  if (!data) return error ? <ErrorBox fault={faultOf(error)} onRetry={() => void refetch()} /> : <Skeleton height="62px" />;
  const kind = KINDS[data.task];
  const sent = data.data?.messagesSent ?? 0;
  const title = data.status === 'failed' ? progress.failed : kind ? progress[data.status][kind] : progress.other;
  return (
    <div role="status">
      <Notice
        tone={data.status === 'failed' ? 'bad' : data.status === 'running' ? 'waiting' : 'good'}
        title={title}
        actions={
          data.status !== 'running' && (
            <span className={styles['row']}>
              <Button small onClick={() => setTab('attempts', true)}>
                {progress.see}
              </Button>
              <Button small onClick={onDismiss}>
                {progress.dismiss}
              </Button>
            </span>
          )
        }
      >
        <p>{data.status === 'running' ? progress.sent(sent) : progress.sentAll(sent)}</p>
        {typeof data.data?.error === 'string' && <p className="mono">{data.data.error}</p>}
      </Notice>
    </div>
  );
}
