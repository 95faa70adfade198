import { useState } from 'react';

const drafts = new Map<string, unknown>();

/**
 * State that outlives its component: what was typed into a form is there again when the form is opened again, until the page is left.
 *
 * @param name of the form, with the id of what it changes
 * @param empty what there is at first. Setting exactly this value forgets the draft
 */
export function useDraft<T>(name: string, empty: T): [T, (value: T) => void] {
  const [value, setValue] = useState<T>(() => (drafts.has(name) ? (drafts.get(name) as T) : empty));
  const change = (next: T) => {
    if (next === empty) drafts.delete(name);
    else drafts.set(name, next);
    setValue(next);
  };
  return [value, change];
}
