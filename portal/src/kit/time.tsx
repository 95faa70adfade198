import { useSyncExternalStore } from 'react';
import { serverNow } from '../clock.js';
import { clock, exact, relative } from '../texts/format.js';

const TICK_MS = 10_000;
const listeners = new Set<() => void>();
let now = serverNow();
let timer: ReturnType<typeof setInterval> | undefined;

/** The time, to ten seconds: one timer for all that show it. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (timer === undefined) {
    now = serverNow();
    timer = setInterval(() => {
      now = serverNow();
      for (const one of listeners) one();
    }, TICK_MS);
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** A point in time: "3 min. ago", with the exact time and the reader's zone on hover. `as="clock"` shows 14:02:11.204 instead. */
export function Time({ at, as = 'relative' }: { at: Date; as?: 'relative' | 'clock' | 'exact' }) {
  const tick = useNow();
  // What has just happened may be later than the last tick.
  const isNow = at.getTime() > tick && at.getTime() <= tick + TICK_MS;
  const current = isNow ? at.getTime() : tick;
  const text = as === 'relative' ? relative(at, current) : as === 'clock' ? clock(at) : exact(at);
  return (
    <time dateTime={at.toISOString()} title={exact(at)} className={as === 'relative' ? undefined : 'mono'}>
      {text}
    </time>
  );
}
