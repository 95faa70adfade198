import { Injectable } from '@nestjs/common';
import { Metrics } from './metrics.js';

/** The numbers for autoscaling; null if a number is not known. */
export interface AutoscalingSignals {
  queueWaiting: number | null;
  dueLagSeconds: number | null;
  backlog: number;
  permitsUsedShare: number | null;
}

/**
 * The numbers for autoscaling, in `/health` and, under the same names, in the EMF lines and `/metrics`.
 *
 * `backlog`: the known work that waits in the whole installation: tasks in the queue, waiting or received (each has up to ten deliveries),
 * plus the due rows that the last scan of this process found (200 means "200 or more"). Every process reports the same queue. So use the
 * average or the maximum over the processes, never the sum; for the backlog per process divide it by their number.
 * `dueLagSeconds`: how late the oldest due row is. Retries and lost tasks are seen here, not in the queue.
 * `permitsUsedShare`: the share of its permits that this process uses, 0 to 1. The average over all processes shows how busy they are.
 */
@Injectable()
export class Signals {
  constructor(private readonly metrics: Metrics) {
    metrics.gauge(
      'backlog',
      'Tasks in the queue, waiting or received, plus the due rows that the last scan found',
      () => this.backlog,
    );
    metrics.gauge('permits_used_share', 'Share of the permits that are in use, 0 to 1', () => this.permitsUsedShare);
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
