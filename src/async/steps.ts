/** Runs work in steps (see `Stepwise` in domain/stepwise.ts). The event loop turns between them. */
export async function inSteps<T>(work: Generator<void, T, void>, turn: () => Promise<void> = nextTurn): Promise<T> {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
    await turn();
  }
}

/** Resolves after the events that are waiting. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
