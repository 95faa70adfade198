import { setImmediate as nextEventLoopTurn } from 'node:timers/promises';

export interface LoopOptions {
  /** One turn of the work. Answers the pause before the next turn in ms, 0 for none. */
  turn(): Promise<number>;
  /** Called when a turn rejects. Answers the pause before the next turn in ms. Required if a turn can reject. */
  failed?(error: unknown): number;
  /** A pause is at least this long, unless the turn asked for none. */
  minPauseMs?: number;
}

/** Runs turns of some work one after the other, with pauses between them, until it is stopped. Its timers do not keep the process alive. */
export class Loop {
  /** How many turns failed in a row. */
  failures = 0;
  private stopping = false;
  private running: Promise<void> | null = null;
  private timer: NodeJS.Timeout | undefined;
  /** Ends the current pause; null during a turn. */
  private endPause: (() => void) | null = null;
  /** When the next turn begins at the latest, on the monotonic clock. */
  private wakeAt = Infinity;

  constructor(private readonly options: LoopOptions) {}

  /** Whether `stop` was called. A turn may look at this to end early. */
  get isStopping(): boolean {
    return this.stopping;
  }

  /** Begins the first turn. Does nothing if the loop was started or stopped before. */
  start(): void {
    if (!this.stopping) this.running ??= this.run();
  }

  /** No turn begins after this. Resolves when the current turn has ended. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.endPause?.();
    await this.running;
  }

  /** Shortens the current pause, or during a turn the next one, so that the next turn begins within `ms`. */
  wakeWithin(ms: number): void {
    const at = performance.now() + Math.max(ms, this.minPauseMs);
    if (at >= this.wakeAt) return;
    this.wakeAt = at;
    if (this.endPause) this.setTimer(this.endPause);
  }

  private async run(): Promise<void> {
    while (!this.stopping) {
      const ms = await this.safeTurn();
      if (this.stopping) return;
      // With an embedded database a whole turn can be done without one of the event loop: timers, requests and answers would wait until no work is left.
      await (ms > 0 ? this.pause(ms) : nextEventLoopTurn());
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

  /** (Without Promise.race: a race with a promise for the stop would keep memory of every pause.) */
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
