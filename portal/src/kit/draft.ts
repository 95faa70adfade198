import { useState } from 'react';

/** Where the drafts are for as long as a load of the page takes. */
const KEPT = 'posthorn.drafts';
const drafts = new Map<string, unknown>();

/**
 * State that outlives its component: what was typed into a form is there again when the form is opened again, until the page is left
 * or somebody else's session begins.
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

/** Just before the page is loaded again, because one of its files is missing: the drafts are there again afterwards. */
export function keepDrafts(): void {
  try {
    sessionStorage.setItem(KEPT, JSON.stringify([...drafts]));
  } catch {
    // Storage may be refused to a frame of another site.
  }
}

/** Takes what was kept, at the start of the page: nothing typed stays in the storage. */
export function takeDrafts(): void {
  try {
    for (const [name, value] of JSON.parse(sessionStorage.getItem(KEPT) ?? '[]')) drafts.set(name, value);
    sessionStorage.removeItem(KEPT);
  } catch {
    // See above.
  }
}

/** Forgets what was typed into forms, for the next one who comes. */
export const forgetDrafts = (): void => drafts.clear();
