import type { SharedWorkName, SharedWorkRepository } from '../database/repositories/shared-work.repository.js';
import { addTo, type Removed } from '../database/removal/rows.js';

/** How long the lease of the work is, and how often it is renewed. A step is a few short statements, each with its own time limit. */
const LEASE_MS = 60_000;
const RENEW_MS = 20_000;
/** The pause after a step, as a multiple of the step's time: the work takes a small part of one connection, on a fast database and on a slow one. */
const PAUSE_FACTOR = 9;
const MIN_PAUSE_MS = 10;
const MAX_PAUSE_MS = 10_000;
/** So often a pause looks whether the turn has to end. */
const LOOK_MS = 100;

/** What a turn of shared work needs. */
export interface SharedTurnOptions {
  works: SharedWorkRepository;
  name: SharedWorkName;
  /** The process stops, or has no production traffic. */
  mustStop: () => boolean;
  /** The pause after a step, as a multiple of the step's time; 9 if it is not given. */
  pauseFactor?: number;
}

/** One turn of work that one process does for all. It makes pauses, keeps the lease of the work, and counts the rows that were removed. */
export class SharedTurn {
  readonly removed: Removed = new Map();
  private renewedAt = performance.now();
  private lost = false;

  private constructor(private readonly options: SharedTurnOptions) {}

  /** Null if the work is not due, or another process does it. */
  static async begin(options: SharedTurnOptions): Promise<SharedTurn | null> {
    return (await options.works.take(options.name, LEASE_MS)) ? new SharedTurn(options) : null;
  }

  /** Whether the turn has to end early. */
  get isOver(): boolean {
    return this.lost || this.options.mustStop();
  }

  /** Runs one step, counts what it removed, and rests. */
  async step<T extends { removed: Removed }>(work: () => Promise<T>): Promise<T> {
    const begun = performance.now();
    const result = await work();
    for (const [table, count] of result.removed) addTo(this.removed, table, count);
    await this.rest(performance.now() - begun);
    return result;
  }

  /** Makes a pause that fits to the time of a step, and renews the lease. */
  async rest(workedMs: number): Promise<void> {
    if (performance.now() - this.renewedAt > RENEW_MS) {
      this.renewedAt = performance.now();
      this.lost = !(await this.options.works.dueIn(this.options.name, LEASE_MS));
    }
    const end =
      performance.now() + Math.min(Math.max(workedMs * (this.options.pauseFactor ?? PAUSE_FACTOR), MIN_PAUSE_MS), MAX_PAUSE_MS);
    for (let left = end - performance.now(); left > 0 && !this.isOver; left = end - performance.now())
      await new Promise((resolve) => setTimeout(resolve, Math.min(left, LOOK_MS)));
  }

  /** Ends the turn. The work is due again after `nextMs`, at once if it was broken off. Answers what was removed, by table. */
  async end(nextMs: number): Promise<Record<string, number>> {
    await this.options.works.end(this.options.name, this.isOver ? 0 : nextMs);
    return Object.fromEntries(this.removed);
  }
}
