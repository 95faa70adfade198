/**
 * Divides work among turns of the event loop: in each one it begins for so many ms, and the rest in the next ones, in the order of arrival. Between them everything
 * else gets its turn: new connections, answers, timers. Work that never waits, as that of an embedded database, would otherwise be one turn, however much there is.
 */
export class TurnBudget {
  private openedAt: number | null = null;
  private waiting = 0;

  /** @param limitMs work begins for so long in one turn; what has begun then is finished */
  constructor(private readonly limitMs: number) {}

  /** Undefined if work may begin now; otherwise resolves when it may. */
  begin(): Promise<void> | undefined {
    if (this.waiting === 0 && this.hasTime()) return undefined;
    this.waiting++;
    return new Promise((resolve) => {
      // Node carries out what a callback of `setImmediate` resolves before it calls the next one, so each sees how long the others have taken.
      const look = (): void => {
        if (!this.hasTime()) return void setImmediate(look);
        this.waiting--;
        resolve();
      };
      setImmediate(look);
    });
  }

  private hasTime(): boolean {
    if (this.openedAt !== null) return performance.now() - this.openedAt < this.limitMs;
    this.openedAt = performance.now();
    setImmediate(() => (this.openedAt = null));
    return true;
  }
}
