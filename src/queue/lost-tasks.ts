import { errorFields, type Log } from '../observability/log.js';
import { isPermanentError } from '../observability/permanent-error.js';

const REPORT_EVERY_MS = 1_000;

/** Counts the tasks that did not reach the queue, and logs them, at most one line a second: an outage would fill the log otherwise. */
export class LostTasks {
  /** Since the start of the process. */
  total = 0;
  private tasks = 0;
  private calls = 0;
  private error: unknown = null;
  private timer: NodeJS.Timeout | null = null;

  constructor(private readonly log: Log) {}

  /** `calls`: how many calls failed, 0 if the tasks were not even tried. */
  add(tasks: number, calls: number, error: unknown): void {
    this.tasks += tasks;
    this.total += tasks;
    this.calls += calls;
    this.error = error;
    this.timer ??= setTimeout(() => this.report(), REPORT_EVERY_MS).unref();
  }

  /** Writes the pending line now. */
  report(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    if (this.tasks === 0) return;
    this.log[isPermanentError(this.error) ? 'error' : 'warn']('queue.tasks_not_sent', {
      tasks: this.tasks,
      failedCalls: this.calls,
      ...errorFields(this.error),
      effect: 'the scanner finds the deliveries in the database when they are due',
    });
    this.tasks = 0;
    this.calls = 0;
  }
}
