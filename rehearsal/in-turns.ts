/** Does the work of all items, so many at the same time, in their order. Begins none after the signal. Answers in the order of the items. */
export async function inTurns<T, R>(
  items: readonly T[],
  times: number,
  work: (item: T) => Promise<R>,
  signal?: AbortSignal,
): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const take = async () => {
    while (next < items.length && !signal?.aborted) {
      const at = next++;
      results[at] = await work(items[at]!);
    }
  };
  await Promise.all(Array.from({ length: times }, take));
  return results;
}
