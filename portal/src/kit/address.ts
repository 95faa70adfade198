import { useCallback } from 'react';
import { useSearchParams } from 'react-router';

/**
 * A value that stands in the address, so that the page can be sent to a colleague as it is. The fallback is left out of the address.
 * Setting it replaces the entry of the browser's history, unless `push` is given.
 */
export function useAddress(name: string, fallback = ''): [value: string, set: (value: string | null, push?: boolean) => void] {
  const [search, setSearch] = useSearchParams();
  const set = useCallback(
    (value: string | null, push = false) =>
      setSearch(
        (now) => {
          const next = new URLSearchParams(now);
          if (value === null || value === fallback) next.delete(name);
          else next.set(name, value);
          return next;
        },
        { replace: !push, preventScrollReset: true },
      ),
    [name, fallback, setSearch],
  );
  return [search.get(name) ?? fallback, set];
}
