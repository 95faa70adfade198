/**
 * Work in steps: a generator that yields at places where others may be served. A request that takes long is written like this, so that
 * no request makes all others wait.
 */
export type Stepwise<T> = Generator<void, T, void>;

/** How much work a step has, in characters. A step takes a few milliseconds. */
export const STEP_CHARS = 32_768;
/** What one item of a list costs besides its characters. */
const ITEM_CHARS = 64;

/** Runs the work. The event loop turns between its steps. */
export async function inSteps<T>(work: Stepwise<T>, turn: () => Promise<void> = nextTurn): Promise<T> {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
    await turn();
  }
}

/** Runs the work at once. */
export function atOnce<T>(work: Stepwise<T>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}

/** Counts the work of a step. It goes by amounts and not by time, so that the same work always has the same steps. */
export class StepSize {
  private chars = 0;

  /** Whether the step is full after one more item with so many characters. */
  isFull(chars = 0): boolean {
    this.chars += chars + ITEM_CHARS;
    if (this.chars < STEP_CHARS) return false;
    this.chars = 0;
    return true;
  }
}

/** Resolves after the events that are waiting. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
