export interface LoopOptions {
  /** One turn of the work. Answers the pause before the next turn in ms, 0 for none. */
  turn(): Promise<number>;
  /** Hears of each turn that rejects, and answers the pause before the next one in ms. Only a turn that never rejects can do without. */
  failed?(error: unknown): number;
  /** No pause is shorter than this, unless there is none at all. */
  minPauseMs?: number;
}

/** Runs turns of some work one after the other, with pauses between them, until it is stopped. Its timers keep no process alive. */
export class Loop {
  /** How many turns failed in a row. */
  failures = 0;
  private stopping = false;
  private running: Promise<void> | null = null;
  private timer: NodeJS.Timeout | undefined;
  /** Ends the pause under way; null during a turn. */
  private endPause: (() => void) | null = null;
  /** When the next turn begins at the latest, on the monotonic clock. */
  private wakeAt = Infinity;

  constructor(private readonly options: LoopOptions) {}

  /** Whether `stop` was called: a turn under way may end early then. */
  get isStopping(): boolean {
    return this.stopping;
  }

  /** Begins the first turn. Does nothing if the loop was started or stopped before. */
  start(): void {
    if (!this.stopping) this.running ??= this.run();
  }

  /** No turn begins after this. Resolves when the turn under way has ended. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.endPause?.();
    await this.running;
  }

  /** The next turn begins within `ms`, though the pause would last longer. Counts for the pause under way, or for the next one. */
  wakeWithin(ms: number): void {
    const at = performance.now() + Math.max(ms, this.minPauseMs);
    if (at >= this.wakeAt) return;
    this.wakeAt = at;
    if (this.endPause) this.setTimer(this.endPause);
  }

  private async run(): Promise<void> {
    while (!this.stopping) {
      const ms = await this.safeTurn();
      if (ms > 0 && !this.stopping) await this.pause(ms);
    }
  }

  private async safeTurn(): Promise<number> {
    try {
      const pause = await this.options.turn();
      this.failures = 0;
      return pause;
    } catch (error) {
      if (!this.options.failed) throw error;
      this.failures++;
      return this.options.failed(error);
    }
  }

  /** (Not a race with a promise for the stop, which would keep something of every pause.) */
  private async pause(ms: number): Promise<void> {
    const now = performance.now();
    this.wakeAt = Math.max(Math.min(now + ms, this.wakeAt), now + this.minPauseMs);
    await new Promise<void>((resolve) => {
      this.endPause = resolve;
      this.setTimer(resolve);
    });
    clearTimeout(this.timer);
    this.endPause = null;
    this.wakeAt = Infinity;
  }

  private setTimer(endPause: () => void): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(endPause, this.wakeAt - performance.now()).unref();
  }

  private get minPauseMs(): number {
    return this.options.minPauseMs ?? 0;
  }
}
