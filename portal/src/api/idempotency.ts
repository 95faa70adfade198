import { useState } from 'react';

/** The idempotency key of what a form asks for. */
export interface WishKey {
  /** The same for the same wish: a request that is repeated after a lost answer makes nothing twice. */
  of(wish: unknown): string;
  /** The wish is fulfilled: the next one, however alike, is another. */
  fulfilled(): void;
}

/** A key that lives as long as the form that has it. */
export function useWishKey(): WishKey {
  const [key] = useState(() => {
    let last = { wish: '', key: '' };
    return {
      of: (wish: unknown) => {
        const text = JSON.stringify(wish);
        if (last.wish !== text) last = { wish: text, key: crypto.randomUUID() };
        return last.key;
      },
      fulfilled: () => {
        last = { wish: '', key: '' };
      },
    };
  });
  return key;
}
