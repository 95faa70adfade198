import { errorFields, type Log } from '../observability/log.js';
import { Outage } from '../observability/outage.js';

/** Logs outages for all pollers of the process: one line when receives begin to fail, one when they succeed again. */
export class QueueOutage {
  private readonly outage = new Outage();

  constructor(private readonly log: Log) {}

  /** A receive failed. A refusal (wrong rights, no such queue) does not end by itself: it is logged every minute. */
  failed(error: unknown): void {
    const level = this.outage.failed(error);
    const facts = { ...errorFields(error), effect: 'tasks are not received; due rows are still found' };
    if (level === 'error') this.log.error('queue.refused', facts);
    else if (level === 'warn') this.log.warn('queue.away', facts);
  }

  /** A receive succeeded. */
  succeeded(): void {
    const awayMs = this.outage.over();
    if (awayMs !== null) this.log.info('queue.back', { awayMs });
  }
}
