import type { ReactNode } from 'react';
import * as texts from '../texts/en.js';
import { Button } from './button.js';
import { Icon, type IconName } from './icon.js';
import styles from './states.module.css';

/** Keeps the place of something that is being loaded. Sizes are CSS lengths. */
export function Skeleton({ width = '100%', height = '14px' }: { width?: string; height?: string }) {
  return <span className={styles['skeleton']} style={{ width, height }} aria-hidden />;
}

/** Keeps the place of several lines. */
export function SkeletonLines({ lines = 3 }: { lines?: number }) {
  return (
    <div className={styles['lines']} role="status" aria-label={texts.kit.loading}>
      {Array.from({ length: lines }, (_, at) => (
        <Skeleton key={at} width={`${90 - ((at * 17) % 40)}%`} />
      ))}
    </div>
  );
}

/** What would be here, and the next step. */
export function Empty({
  icon = 'messages',
  title,
  children,
  action,
}: {
  icon?: IconName;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}) {
  return (
    <div className={styles['empty']}>
      <Icon name={icon} size={24} />
      <strong>{title}</strong>
      {children !== undefined && <div className="muted">{children}</div>}
      {action}
    </div>
  );
}

/** An error in words, as the api folder makes them (`faultOf`). */
export interface FaultWords {
  title: string;
  text: string;
  status: number | null;
  code: string | null;
  detail: string | null;
}

/** What went wrong, in words, with the API's own code and detail below, and a way to try again. */
export function ErrorBox({ fault, onRetry }: { fault: FaultWords; onRetry?: () => void }) {
  const own = [fault.status, fault.code].filter((part) => part !== null).join(' · ');
  return (
    <div className={styles['error']} role="alert">
      <Icon name="warning" />
      <div>
        <strong>{fault.title}</strong>
        <p>{fault.text}</p>
        {(own !== '' || fault.detail !== null) && (
          <p className={styles['detail']}>
            {own}
            {own !== '' && fault.detail !== null && <br />}
            {fault.detail}
          </p>
        )}
      </div>
      {onRetry && (
        <Button small onClick={onRetry}>
          {texts.kit.retry}
        </Button>
      )}
    </div>
  );
}
