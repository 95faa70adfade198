import { errorFields, type Log } from '../observability/log.js';
import { Outage } from '../observability/outage.js';

/** What the pollers of a process share: whether polling is paused, and whether the queue is known to be away. Gone with the process. */
export class PollingState {
  private waiters: (() => void)[] | null = null;
  private readonly trouble = new Outage();

  constructor(private readonly log: Log) {}

  get paused(): boolean {
    return this.waiters !== null;
  }

  pause(): void {
    this.waiters ??= [];
  }

  resume(): void {
    const waiters = this.waiters ?? [];
    this.waiters = null;
    for (const resolve of waiters) resolve();
  }

  /** Resolves when polling is not, or no longer, paused. */
  resumed(): Promise<void> {
    const { waiters } = this;
    return waiters ? new Promise((resolve) => waiters.push(resolve)) : Promise.resolve();
  }

  /** A receive failed. One line an outage; a refusal, which does not pass by itself, is said every minute. */
  failed(error: unknown): void {
    const level = this.trouble.failed(error);
    const facts = { ...errorFields(error), effect: 'tasks are not received; due rows are still found' };
    if (level) this.log[level](level === 'error' ? 'queue.refused' : 'queue.away', facts);
  }

  /** A receive was answered. */
  worked(): void {
    const awayMs = this.trouble.over();
    if (awayMs !== null) this.log.info('queue.back', { awayMs });
  }
}
