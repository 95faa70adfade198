import { useState } from 'react';
import { useRotateSecret } from '../../api/endpoint-secret.js';
import type { Endpoint } from '../../api/endpoints.js';
import { faultOf } from '../../api/errors.js';
import { Button } from '../../kit/button.js';
import { CancelButton, Dialog } from '../../kit/dialog.js';
import { TextField } from '../../kit/field.js';
import { Notice } from '../../kit/page.js';
import { Select } from '../../kit/select.js';
import { ErrorBox } from '../../kit/states.js';
import { useToast } from '../../kit/toast.js';
import * as texts from '../../texts/en.js';
import { secretProblem } from './endpoint-rules.js';

const words = texts.endpoints.page.secret;
const DAY_S = String(24 * 3_600);

interface RotateDialogProps {
  endpoint: Endpoint;
  onClose: () => void;
  /** Until when the old secret is valid. */
  onRotated: (until: Date) => void;
}

/** Gives the endpoint a new secret, and says how long the old one signs too. */
export function RotateDialog({ endpoint, onClose, onRotated }: RotateDialogProps) {
  const [grace, setGrace] = useState(DAY_S);
  const [own, setOwn] = useState('');
  const [tried, setTried] = useState(false);
  const [idempotencyKey, setKey] = useState(() => crypto.randomUUID());
  const { mutate, isPending, error, reset } = useRotateSecret(endpoint.id);
  const toast = useToast();
  const problem = secretProblem(own);
  // Another form is another wish, and what was answered is not about it.
  const edited = (set: () => void) => {
    if (isPending) return;
    set();
    reset();
    setKey(crypto.randomUUID());
  };
  const rotate = () => {
    setTried(true);
    if (problem !== null) return;
    mutate(
      { key: own === '' ? null : own, gracePeriodSeconds: Number(grace), idempotencyKey },
      {
        onSuccess: (until) => {
          toast(words.done);
          onRotated(until);
          onClose();
        },
      },
    );
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={words.rotateTitle}
      text={words.rotateText}
      actions={
        <>
          <CancelButton onClick={onClose} />
          <Button look={grace === '0' ? 'danger' : 'primary'} busy={isPending} onClick={rotate}>
            {words.action}
          </Button>
        </>
      }
    >
      <Select
        label={words.grace}
        options={Object.entries(words.graces).map(([value, label]) => ({ value, label }))}
        value={grace}
        onChange={(next) => edited(() => setGrace(next))}
      />
      {grace === '0' && <Notice title={words.graceNow} />}
      <TextField
        label={words.own}
        hint={words.ownHint}
        mono
        autoComplete="off"
        spellCheck={false}
        value={own}
        error={tried ? problem : null}
        onChange={(text) => edited(() => setOwn(text.trim()))}
      />
      {error && <ErrorBox fault={faultOf(error)} />}
    </Dialog>
  );
}
