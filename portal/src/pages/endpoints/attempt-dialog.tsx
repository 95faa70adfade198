import { useApplication } from '../../api/application.js';
import { useAttempt } from '../../api/endpoint-attempts.js';
import { faultOf } from '../../api/errors.js';
import { useMessage } from '../../api/messages.js';
import { ButtonLink } from '../../kit/button.js';
import { Id } from '../../kit/copy.js';
import { Dialog } from '../../kit/dialog.js';
import { ErrorBox, SkeletonLines } from '../../kit/states.js';
import * as texts from '../../texts/en.js';
import { AttemptSides } from './attempt-sides.js';
import styles from './endpoint.module.css';

const words = texts.endpoints.page.attempt;

/** One attempt: its request and its answer. `reference` is `<message>~<attempt>`. */
export function AttemptDialog({ reference, onClose }: { reference: string; onClose: () => void }) {
  const [msgId = '', id = ''] = reference.split('~');
  const { data, error, refetch } = useAttempt(msgId, id);
  const message = useMessage(msgId);
  const { at } = useApplication();
  const isKnown = error !== null || (data !== undefined && !message.isPending);
  return (
    <Dialog
      open
      onClose={onClose}
      title={words.title}
      wide
      // They are below both sides, whose heights nobody knows before.
      {...(isKnown && { actions: <ButtonLink to={at(`/messages/${msgId}`)}>{words.message}</ButtonLink> })}
    >
      <Id id={id} thing={words.id} />
      {!isKnown ? (
        <div className={styles['sidesPlace']}>
          <SkeletonLines lines={8} />
        </div>
      ) : data ? (
        <AttemptSides attempt={data} />
      ) : (
        <ErrorBox fault={faultOf(error)} onRetry={() => void refetch()} />
      )}
    </Dialog>
  );
}
