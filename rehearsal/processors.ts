import { cpus } from 'node:os';

/** Tells how busy the processors of this machine are, with whatever work. */
export class Processors {
  private idleMs = idle();
  private at = performance.now();

  /** The share of the time since the last call in which they had nothing to do, of all of them together: 0 to 1. */
  takeIdle(): number {
    const [idleMs, at] = [idle(), performance.now()];
    const share = (idleMs - this.idleMs) / ((at - this.at) * cpus().length);
    [this.idleMs, this.at] = [idleMs, at];
    return Math.min(1, Math.max(0, share));
  }
}

function idle(): number {
  return cpus().reduce((sum, { times }) => sum + times.idle, 0);
}
