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
  watchFocus(WATCHES);
}

/** A window that closes first gives the focus back to its row, and then the row goes. No event tells of it. */
function watchFocus(left: number): void {
  if (document.activeElement === document.body) document.querySelector('h1')?.focus({ preventScroll: true });
  if (left > 0) setTimeout(() => watchFocus(left - 1), EACH_MS);
}
