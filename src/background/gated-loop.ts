import { Loop } from '../async/loop.js';
import { errorFields, type Log } from '../observability/log.js';
import { isPermanentError } from '../observability/permanent-error.js';
import type { ReleaseGate } from '../release/release-gate.js';

const MAX_PAUSE_MS = 60_000;

/** Work that is looked for again and again. */
export interface RepeatedWork {
  /** The event `<name>.failed` in the log. */
  name: string;
  everyMs: number;
  /** Does some of the work; true if there is more. It must be safe to break off, and to run in several processes at the same time. */
  turn(): Promise<boolean>;
}

/**
 * A loop of background work that rests while the release gate is shut. After a turn that failed it logs the error and pauses, longer
 * each time. If the process dies during a turn, another turn does the rest, here or in another process.
 */
export function gatedLoop({ name, everyMs, turn }: RepeatedWork, gate: ReleaseGate, log: Log): Loop {
  const loop: Loop = new Loop({
    async turn() {
      const more = gate.share > 0 && (await turn());
      return more ? 0 : everyMs;
    },
    failed(error) {
      const pause = Math.max(everyMs, Math.min(everyMs * 2 ** loop.failures, MAX_PAUSE_MS));
      const facts = { failures: loop.failures, nextTryMs: pause, ...errorFields(error) };
      log[isPermanentError(error) ? 'error' : 'warn'](`${name}.failed`, facts);
      return pause;
    },
  });
  return loop;
}
