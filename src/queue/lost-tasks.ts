import { errorFields, type Log } from '../observability/log.js';
import { isPermanentError } from '../observability/permanent-error.js';

const REPORT_EVERY_MS = 1_000;

/** Counts tasks that didn't reach the queue and says so, at most one line a second: an outage would otherwise fill the log. */
export class LostTasks {
  /** Since the start of the process. */
  total = 0;
  private tasks = 0;
  private calls = 0;
  private error: unknown = null;
  private timer: NodeJS.Timeout | null = null;

  constructor(private readonly log: Log) {}

  /** `calls` failed, or 0 if the tasks were not even tried. */
  add(tasks: number, calls: number, error: unknown): void {
    this.tasks += tasks;
    this.total += tasks;
    this.calls += calls;
    this.error = error;
    this.timer ??= setTimeout(() => this.report(), REPORT_EVERY_MS).unref();
  }

  /** Writes the line that is due, now. */
  report(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    if (this.tasks === 0) return;
    this.log[isPermanentError(this.error) ? 'error' : 'warn']('queue.tasks_not_sent', {
      tasks: this.tasks,
      failedCalls: this.calls,
      ...errorFields(this.error),
      effect: 'the due-scanner finds their rows',
    });
    this.tasks = 0;
    this.calls = 0;
  }
}
