import type { FormEvent, ReactNode } from 'react';
import { signOut, useSession } from '../../../api/session.js';
import { Button } from '../../../kit/button.js';
import { CancelButton } from '../../../kit/dialog.js';
import { FormFields } from '../../../kit/field.js';
import { ErrorBox, type FaultWords } from '../../../kit/states.js';
import * as texts from '../../../texts/en.js';
import styles from './console.module.css';

/** Fields of a dialog, the answer to what was sent, and the two buttons. Nothing typed is lost by an error. */
export function DialogForm(props: {
  onSubmit: () => void;
  onCancel: () => void;
  action: string;
  busy: boolean;
  fault: FaultWords | null;
  cannot?: string | null;
  children: ReactNode;
}) {
  const { onSubmit, onCancel, action, busy, fault, cannot, children } = props;
  const { expired } = useSession();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSubmit();
  };
  return (
    <form onSubmit={submit} noValidate className={styles['form']}>
      <FormFields>{children}</FormFields>
      {fault && <ErrorBox fault={fault} />}
      {expired && <Button onClick={signOut}>{texts.shell.expired.signIn}</Button>}
      <div className={styles['search']}>
        <Button type="submit" look="primary" busy={busy} cannot={cannot}>
          {action}
        </Button>
        <CancelButton onClick={onCancel} />
      </div>
    </form>
  );
}

/**
 * Wraps what a field sets: the answer to what was sent before is no longer about what stands in the form. While the answer is awaited, nothing is
 * changed: it would come to a form that asks for something else.
 */
export function forgetting(sent: { reset: () => void; isPending: boolean }) {
  return <T,>(set: (value: T) => void) =>
    (value: T) => {
      if (sent.isPending) return;
      sent.reset();
      set(value);
    };
}
