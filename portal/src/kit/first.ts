import { useState } from 'react';

/**
 * Whether something is loading for the first time. What is loaded later, and what has failed and is tried again, takes nothing away: parts that
 * ask for the same would be made anew by each try, and ask again.
 */
export function useFirst(loading: boolean): boolean {
  const [first, setFirst] = useState(true);
  if (first && !loading) setFirst(false);
  return first && loading;
}
