import type { ReactNode } from 'react';
import styles from './status.module.css';

export type Tone = 'good' | 'bad' | 'waiting' | 'off';

const SHAPES: Record<Tone, string> = {
  good: 'M2.5 6.5 5 9l4.5-5.5',
  bad: 'M3 3l6 6M9 3 3 9',
  waiting: 'M6 3v3.2l2 1.3M6 11A5 5 0 1 0 6 1a5 5 0 0 0 0 10z',
  off: 'M3 6h6',
};

/** A state: a shape and a word, never a colour alone. */
export function Status({ tone, children }: { tone: Tone; children: ReactNode }) {
  return (
    <span className={`${styles['status']} ${styles[tone]}`}>
      <svg
        width="12"
        height="12"
        viewBox="0 0 12 12"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.6"
        strokeLinecap="round"
        strokeLinejoin="round"
        aria-hidden
      >
        <path d={SHAPES[tone]} />
      </svg>
      <span>{children}</span>
    </span>
  );
}

/** A short word in a frame: a type, a version, a count. */
export function Badge({ children, mono = false }: { children: ReactNode; mono?: boolean }) {
  return <span className={`${styles['badge']} ${mono ? 'mono' : ''}`}>{children}</span>;
}
