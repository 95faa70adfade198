import { useEffect, useEffectEvent } from 'react';

const SETTLED_MS = 300;

/** Calls with a text once the person has stopped typing. */
export function useSettled(text: string, call: (text: string) => unknown): void {
  const settled = useEffectEvent(() => call(text.trim()));
  useEffect(() => {
    const timer = setTimeout(() => settled(), SETTLED_MS);
    return () => clearTimeout(timer);
  }, [text]);
}
