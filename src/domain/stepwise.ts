/**
 * Work in steps: a generator that yields at places where others may be served. A request that takes long is written like this, so that
 * no request makes all others wait. `inSteps` (async/steps.ts) runs it.
 */
export type Stepwise<T> = Generator<void, T, void>;

/** How much work a step has, in characters. A step takes a few milliseconds. */
export const STEP_CHARS = 32_768;
/** What one item of a list costs besides its characters. */
const ITEM_CHARS = 64;

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

/** Runs the work at once. */
export function atOnce<T>(work: Stepwise<T>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}
