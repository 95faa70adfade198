import { errorFields, type Log } from '../observability/log.js';

/** What the pollers of a process share: whether polling is paused, and whether the queue is known to be away. Gone with the process. */
export class PollingState {
  private waiters: (() => void)[] | null = null;
  private awaySince: number | null = null;

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

  /** A receive failed. One line an outage. */
  failed(error: unknown): void {
    if (this.awaySince !== null) return;
    this.awaySince = performance.now();
    this.log.warn('queue.away', { ...errorFields(error), effect: 'tasks are not received; due rows are still found' });
  }

  /** A receive was answered. */
  worked(): void {
    if (this.awaySince === null) return;
    this.log.info('queue.back', { awayMs: Math.round(performance.now() - this.awaySince) });
    this.awaySince = null;
  }
}
