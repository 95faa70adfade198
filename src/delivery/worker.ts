import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { Database } from '../database/database.js';
import { errorFields, Log } from '../observability/log.js';
import { TaskConsumer } from '../queue/task-consumer.js';
import { Dispatcher } from './dispatcher.js';
import { LocalHandOff } from './local-hand-off.js';
import { Scanner } from './scanner.js';
import { TaskHandler } from './task-handler.js';

/**
 * Starts and stops what delivers: hand-off, queue and scanner.
 *
 * Order of the stop: nothing more is handed off, no receive and no scan begins; a long poll under way may still bring tasks; what has a free
 * permit is claimed, the rest stays in the queue; requests under way end; their outcomes are committed. If the process is killed: what it had
 * claimed comes due at the end of the lease.
 */
@Injectable()
export class Worker implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private stopped: Promise<void> | null = null;

  constructor(
    private readonly database: Database,
    private readonly handOff: LocalHandOff,
    private readonly consumer: TaskConsumer,
    private readonly tasks: TaskHandler,
    private readonly scanner: Scanner,
    private readonly dispatcher: Dispatcher,
    private readonly log: Log,
  ) {}

  onApplicationBootstrap(): void {
    void this.database.ready
      .then(() => this.start())
      .catch((error: unknown) => this.log.error('worker.failed', errorFields(error)));
  }

  /** When Nest closes the application without a signal. `start.ts` calls `stop` with the signal before that. */
  beforeApplicationShutdown(): Promise<void> {
    return this.stop('SIGINT');
  }

  /** Resolves when nothing is under way any more. A second call waits for the same stop. */
  stop(signal: 'SIGTERM' | 'SIGINT'): Promise<void> {
    this.stopped ??= this.stopAll(signal);
    return this.stopped;
  }

  private async start(): Promise<void> {
    if (this.stopped) return;
    const released = await this.scanner.recover();
    if (released > 0) this.log.info('worker.claims_released', { deliveries: released });
    if (this.stopped) return;
    this.consumer.start(this.tasks);
    this.handOff.open = true;
    this.scanner.start({
      failed: () => (this.tasks.databaseAway = true),
      succeeded: () => (this.tasks.databaseAway = false),
    });
    this.log.info('worker.started', { concurrency: this.dispatcher.concurrency });
  }

  private async stopAll(signal: 'SIGTERM' | 'SIGINT'): Promise<void> {
    this.handOff.open = false;
    const scanned = this.scanner.stop();
    // At SIGTERM a long poll runs out. If it were aborted, SQS could be sending messages just then: nobody would get them until their
    // visibility time is over. The embedded queue ends with the process.
    const received = this.consumer.stop({ abort: signal === 'SIGINT' || this.consumer.isEmbedded });
    this.dispatcher.stopWaiting();
    await Promise.all([received, scanned]);
    await this.dispatcher.drained();
    this.log.info('worker.stopped', { signal });
  }
}
