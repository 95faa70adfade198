import { errorFields, type Log } from '../observability/log.js';
import { Outage } from '../observability/outage.js';

/** What the pollers of a process tell the log together: one line when receives begin to fail, one when they succeed again. */
export class QueueOutage {
  private readonly outage = new Outage();

  constructor(private readonly log: Log) {}

  /** A receive failed. A refusal, which does not pass by itself, is said every minute. */
  failed(error: unknown): void {
    const level = this.outage.failed(error);
    const facts = { ...errorFields(error), effect: 'tasks are not received; due rows are still found' };
    if (level === 'error') this.log.error('queue.refused', facts);
    else if (level === 'warn') this.log.warn('queue.away', facts);
  }

  /** A receive was answered. */
  answered(): void {
    const awayMs = this.outage.over();
    if (awayMs !== null) this.log.info('queue.back', { awayMs });
  }
}
