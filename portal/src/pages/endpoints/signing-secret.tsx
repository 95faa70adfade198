import { useEffect, useState } from 'react';
import { useCannot } from '../../api/application.js';
import { useRevealSecret } from '../../api/endpoint-secret.js';
import { useEndpointState, type Endpoint } from '../../api/endpoints.js';
import { faultOf } from '../../api/errors.js';
import { Button } from '../../kit/button.js';
import { Copy } from '../../kit/copy.js';
import { Notice, Section } from '../../kit/page.js';
import { ErrorBox } from '../../kit/states.js';
import { Time, useNow } from '../../kit/time.js';
import * as texts from '../../texts/en.js';
import styles from './endpoint.module.css';
import { RotateDialog } from './rotate-dialog.js';

const words = texts.endpoints.page.secret;
const SHOWN_S = 60;
const MASK = 'whsec_••••••••••••••••••••••••';

/** The signing secret: shown when asked for, copied, hidden again; and its rotation, with the time in which both are valid. */
export function SigningSecret({ endpoint }: { endpoint: Endpoint }) {
  const [rotates, setRotates] = useState(false);
  const [rotated, setRotated] = useState<Date | null>(null);
  const { secret, reveal, hide, isPending, error } = useShown(endpoint.id);
  const mayView = useCannot('ViewEndpointSecret');
  const mayRotate = useCannot('ManageEndpointSecret');
  const mayAll = useCannot('ManageEndpoint');
  // The API lets each of these rights do it.
  const cannotView = [mayView, mayRotate, mayAll].includes(null) ? null : mayView;
  const cannotRotate = [mayRotate, mayAll].includes(null) ? null : mayRotate;
  return (
    <Section title={words.title}>
      <p className="muted">{words.text}</p>
      <div className={styles['secret']}>
        <code>{secret ?? MASK}</code>
        {secret === null ? (
          <Button small busy={isPending} cannot={cannotView} onClick={reveal}>
            {words.reveal}
          </Button>
        ) : (
          <>
            <Copy text={secret} thing={words.thing} label={texts.kit.copy} />
            <Button small onClick={hide}>
              {words.hide}
            </Button>
          </>
        )}
        <Button
          small
          cannot={cannotRotate}
          onClick={() => {
            hide();
            setRotates(true);
          }}
        >
          {words.rotate}
        </Button>
      </div>
      {secret !== null && <p className="muted">{words.hiddenAgain(SHOWN_S)}</p>}
      {error && <ErrorBox fault={faultOf(error)} onRetry={reveal} />}
      <Overlap id={endpoint.id} rotated={rotated} />
      {rotates && <RotateDialog endpoint={endpoint} onClose={() => setRotates(false)} onRotated={setRotated} />}
    </Section>
  );
}

/** Asked for again each time, and forgotten after a minute: it does not stay on a screen that is left. */
function useShown(id: string) {
  const [secret, setSecret] = useState<string | null>(null);
  const { mutate, isPending, error, reset } = useRevealSecret();
  useEffect(() => {
    if (secret === null) return;
    const timer = setTimeout(() => setSecret(null), SHOWN_S * 1000);
    return () => clearTimeout(timer);
  }, [secret]);
  const reveal = () =>
    mutate(id, {
      onSuccess: (key) => {
        setSecret(key);
        reset();
      },
    });
  return { secret, reveal, hide: () => setSecret(null), isPending, error };
}

/** `rotated`: until when the old secret is valid after a rotation on this page. */
function Overlap({ id, rotated }: { id: string; rotated: Date | null }) {
  const until = useEndpointState(id).data?.previousSecretsUntil ?? null;
  const now = useNow();
  const isReplaced = rotated !== null && rotated.getTime() <= now;
  return (
    <>
      {isReplaced && <Notice tone="good" title={words.replaced} />}
      {until !== null && until.getTime() > now && (
        <Notice
          title={
            <>
              {words.overlap} <Time at={until} as="exact" />
            </>
          }
        >
          <p>{words.overlapText}</p>
        </Notice>
      )}
    </>
  );
}
