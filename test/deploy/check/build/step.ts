import type { Build, Thing } from './state.js';

/** A command that the check knows. */
export interface Step {
  /** The whole command. */
  pattern: RegExp;
  gives: readonly Thing[];
  /** Tells what it lacks, and what is wrong with it. Runs before what it gives is there. */
  run(build: Build, match: RegExpExecArray): void;
}
