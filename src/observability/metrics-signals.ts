import { Injectable } from '@nestjs/common';
import { Metrics } from './metrics.js';

/** What the number of processes may be decided by; null where it isn't known. */
export interface AutoscalingSignals {
  queueWaiting: number | null;
  dueLagSeconds: number | null;
  backlog: number;
  permitsUsedShare: number | null;
}

/**
 * The numbers to scale by, in `/health` and, under the same names, in the EMF lines and `/metrics`.
 *
 * `backlog`: what is known to wait, over the whole installation: tasks in the queue, waiting or received (each up to ten
 * deliveries), plus the due rows that the last scan of this process found (200 stands for "200 or more"). Every process reports the
 * same queue, so take the average or the maximum over processes, never the sum; for a backlog per process divide by their number.
 * `dueLagSeconds`: how late the oldest due row is; retries and lost tasks show here, not in the queue.
 * `permitsUsedShare`: how much of its permits this process uses, 0 to 1; the average over all processes says how busy they are.
 */
@Injectable()
export class Signals {
  constructor(private readonly metrics: Metrics) {
    metrics.gauge('backlog', 'Tasks in the queue, waiting or received, plus due rows of the last scan', () => this.backlog);
    metrics.gauge('permits_used_share', 'Permits in use by all permits, 0 to 1', () => this.permitsUsedShare);
  }

  get now(): AutoscalingSignals {
    return {
      queueWaiting: this.metrics.valueOf('queue_waiting'),
      dueLagSeconds: this.metrics.valueOf('due_lag_seconds'),
      backlog: this.backlog,
      permitsUsedShare: this.permitsUsedShare,
    };
  }

  private get backlog(): number {
    const parts = ['queue_waiting', 'queue_in_flight', 'due_waiting'].map((name) => this.metrics.valueOf(name) ?? 0);
    return parts.reduce((sum, part) => sum + part, 0);
  }

  private get permitsUsedShare(): number | null {
    const [used, all] = [this.metrics.valueOf('permits_in_use'), this.metrics.valueOf('permits')];
    return used === null || !all ? null : Math.round((used / all) * 1000) / 1000;
  }
}
