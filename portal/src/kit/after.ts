/** How often, and for how long, it is looked whether the focus is lost: two seconds. */
const EACH_MS = 50;
const WATCHES = 40;

/**
 * What follows a change: it is told although what asked for it, such as a row of a list, is gone by then. The callbacks of `mutate` are not called
 * any more in this case, so this takes the promise of `mutateAsync`. If the focus went with the row, the heading of the page gets it.
 *
 * @param failed without it, the error is shown by what asked
 */
export async function after(
  change: Promise<unknown>,
  done: () => void,
  failed: (error: unknown) => void = () => {},
): Promise<void> {
  try {
    await change;
  } catch (error) {
    return failed(error);
  }
  done();
  keepFocus();
}

/**
 * For what was pressed and goes with what it does: the focus is given to something else when it is gone, without `next` to the heading of the
 * page. No event tells of it, and a window that closes gives it back to its row first.
 */
export function keepFocus(next: () => HTMLElement | null = () => null, left = WATCHES): void {
  const element = document.activeElement === document.body ? (next() ?? document.querySelector('h1')) : null;
  element?.focus({ preventScroll: true });
  if (left > 0) setTimeout(() => keepFocus(next, left - 1), EACH_MS);
}
