import { AlertDialog } from '@base-ui/react/alert-dialog';
import { Dialog as Base } from '@base-ui/react/dialog';
import { useIsMutating } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import * as texts from '../texts/en.js';
import { Button, IconButton } from './button.js';
import styles from './dialog.module.css';
import { TextField } from './field.js';
import { ErrorBox, type FaultWords } from './states.js';

/** Whether a change is under way. A window that asked for one stays until its end is known. */
const useIsChanging = () => useIsMutating() > 0;

/** Closes a window without a change. */
export function CancelButton({ onClick }: { onClick: () => void }) {
  return (
    <Button cannot={useIsChanging() ? texts.kit.changing : null} onClick={onClick}>
      {texts.kit.cancel}
    </Button>
  );
}

/** A window above the page. Escape and a click beside it close it; the focus goes back to where it was. */
export function Dialog(props: {
  open: boolean;
  onClose: () => void;
  title: string;
  text?: ReactNode;
  wide?: boolean;
  children: ReactNode;
  actions?: ReactNode;
}) {
  const { open, onClose, title, text, wide, children, actions } = props;
  const isChanging = useIsChanging();
  return (
    <Base.Root open={open} onOpenChange={(next) => !next && !isChanging && onClose()}>
      <Base.Portal>
        <Base.Backdrop className={styles['backdrop']} />
        <Base.Popup className={`${styles['popup']} ${wide ? styles['wide'] : ''}`}>
          <div className={styles['head']}>
            <Base.Title render={<h2 />}>{title}</Base.Title>
            <Base.Close render={<IconButton label={texts.kit.close} icon="cross" small />} />
          </div>
          {text !== undefined && <Base.Description className="muted">{text}</Base.Description>}
          {children}
          {actions !== undefined && <div className={styles['actions']}>{actions}</div>}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}

/**
 * Asks before something that can't be taken back: it names the thing and what follows. `typed` must be typed first, for what hurts most.
 */
export function ConfirmDialog(props: {
  open: boolean;
  onClose: () => void;
  onConfirm: () => void;
  title: string;
  /** The thing itself: a URL, a name. */
  thing?: ReactNode;
  /** What follows. */
  children: ReactNode;
  action: string;
  danger?: boolean;
  busy?: boolean;
  fault?: FaultWords | null;
  typed?: string;
}) {
  const { open, onClose, onConfirm, title, thing, children, action, danger = true, busy = false, fault, typed } = props;
  const [text, setText] = useState('');
  const isChanging = useIsChanging();
  const missing = typed !== undefined && text !== typed ? texts.kit.typeToConfirm(typed) : null;
  return (
    <AlertDialog.Root
      open={open}
      onOpenChange={(next) => !next && !isChanging && onClose()}
      onOpenChangeComplete={() => setText('')}
    >
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className={styles['backdrop']} />
        <AlertDialog.Popup className={styles['popup']}>
          <AlertDialog.Title render={<h2 />}>{title}</AlertDialog.Title>
          {thing !== undefined && <p className={styles['thing']}>{thing}</p>}
          <AlertDialog.Description render={<div />}>{children}</AlertDialog.Description>
          {typed !== undefined && (
            <TextField label={texts.kit.typeToConfirm(typed)} value={text} onChange={setText} autoComplete="off" />
          )}
          {fault && <ErrorBox fault={fault} />}
          <div className={styles['actions']}>
            <AlertDialog.Close render={<Button />}>{texts.kit.cancel}</AlertDialog.Close>
            <Button look={danger ? 'danger' : 'primary'} busy={busy} cannot={missing} onClick={onConfirm}>
              {action}
            </Button>
          </div>
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
