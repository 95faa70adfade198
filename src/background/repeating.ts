import { errorFields, type Log } from '../observability/log.js';
import { isPermanentError } from '../observability/permanent-error.js';
import type { ReleaseGate } from '../release/release-gate.js';

const MAX_PAUSE_MS = 60_000;

/** Work that is looked for again and again. */
export interface RepeatedWork {
  /** What it is called in the log. */
  name: string;
  everyMs: number;
  /** Does what there is to do, or some of it; true if there is more. It must be safe to break off, and to run beside itself elsewhere. */
  turn(): Promise<boolean>;
}

/**
 * Runs a turn of some work every so often while the process may do work at all (the release gate). A turn that fails is logged, as an
 * error where waiting will not mend it, and comes again, later each time. What a killed process leaves half done is the work's own matter: turns are repeatable.
 */
export class Repeating {
  private stopping = false;
  private failures = 0;
  private wake = () => {};
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly work: RepeatedWork,
    private readonly gate: ReleaseGate,
    private readonly log: Log,
  ) {}

  start(): void {
    if (!this.stopping) this.running = this.run();
  }

  /** Resolves when the turn under way has ended; no other begins. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.wake();
    await this.running;
  }

  private async run(): Promise<void> {
    while (!this.stopping) {
      const pause = this.gate.share > 0 ? await this.safeTurn() : this.work.everyMs;
      if (pause > 0 && !this.stopping) await this.sleep(pause);
    }
  }

  private async safeTurn(): Promise<number> {
    const { name, everyMs } = this.work;
    try {
      const more = await this.work.turn();
      this.failures = 0;
      return more ? 0 : everyMs;
    } catch (error) {
      this.failures++;
      const pause = Math.max(everyMs, Math.min(everyMs * 2 ** this.failures, MAX_PAUSE_MS));
      this.log[isPermanentError(error) ? 'error' : 'warn'](`${name}.failed`, {
        failures: this.failures,
        nextTryMs: pause,
        ...errorFields(error),
      });
      return pause;
    }
  }

  private sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      timer.unref();
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
