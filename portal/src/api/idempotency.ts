import { useState } from 'react';

/** The idempotency key of what a form asks for. */
export interface WishKey {
  /** The same for the same wish: a request that is repeated after a lost answer makes nothing twice. */
  of(wish: unknown): string;
  /** The wish is fulfilled: the next one, however alike, is another. */
  fulfilled(): void;
}

const NONE = { wish: '', key: '' };
/** What was last asked for by forms whose drafts outlive them. */
const ofDrafts = new Map<string, typeof NONE>();

/**
 * A key that lives as long as the form that has it.
 *
 * @param draft the name of the form's draft, if it has one: then the key lives as long as this, and the form says when it is fulfilled.
 *   Who leaves the page before the answer is there finds the draft again, and makes nothing twice with it
 */
export function useWishKey(draft?: string): WishKey {
  const [key] = useState(() => {
    let last = (draft !== undefined && ofDrafts.get(draft)) || NONE;
    const keep = (next: typeof NONE) => {
      last = next;
      if (draft !== undefined) ofDrafts.set(draft, next);
    };
    return {
      of: (wish: unknown) => {
        const text = JSON.stringify(wish);
        if (last.wish !== text) keep({ wish: text, key: crypto.randomUUID() });
        return last.key;
      },
      fulfilled: () => keep(NONE),
    };
  });
  return key;
}
