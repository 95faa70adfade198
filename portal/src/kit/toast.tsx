import { Toast } from '@base-ui/react/toast';
import type { ReactNode } from 'react';
import * as texts from '../texts/en.js';
import { IconButton } from './button.js';
import { Status } from './status.js';
import styles from './toast.module.css';

const SHOWN_MS = 6_000;

/** Tells of something that was done or has failed elsewhere. Screen readers are told too. */
export function useToast(): (text: string, tone?: 'good' | 'bad') => void {
  const { add } = Toast.useToastManager();
  return (text, tone = 'good') => void add({ title: text, type: tone, priority: tone === 'bad' ? 'high' : 'low' });
}

/** The place of toasts. Once, around everything. */
export function ToastPlace({ children }: { children: ReactNode }) {
  return (
    <Toast.Provider timeout={SHOWN_MS} limit={3}>
      {children}
      <Toast.Portal>
        <Toast.Viewport className={styles['viewport']}>
          <Toasts />
        </Toast.Viewport>
      </Toast.Portal>
    </Toast.Provider>
  );
}

function Toasts() {
  const { toasts } = Toast.useToastManager();
  return toasts.map((toast) => (
    <Toast.Root key={toast.id} toast={toast} className={styles['toast']}>
      <Status tone={toast.type === 'bad' ? 'bad' : 'good'}>
        <Toast.Title render={<span />} className={styles['text']} />
      </Status>
      <Toast.Close render={<IconButton small icon="cross" label={texts.kit.close} />} />
    </Toast.Root>
  ));
}
