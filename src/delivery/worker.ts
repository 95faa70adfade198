import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { APP_CONFIG, type AppConfig } from '../config/config.js';
import { Database } from '../database/database.js';
import { errorFields, Log } from '../observability/log.js';
import { TaskConsumer } from '../queue/task-consumer.js';
import { DELIVERIES_PER_TASK, type DeliveryTask } from '../queue/task.js';
import { WorkerRooms } from './worker-rooms.js';

/** Ten calls of a poller at a time, where there is a backlog: what must be put off there is put off in few statements. */
const MAX_MESSAGES = 100;

/** The worker stops, and leaves what it has not claimed to come again. */
export class WorkerStops extends Error {
  override readonly name = 'WorkerStops';
}

/**
 * The worker's life: starts when the database is there, receives and scans, pauses the queue while the database is away or the
 * release gate is shut, and stops without dropping what it holds.
 *
 * Order of the stop: nothing new is received or scanned, what was received is claimed or left to come again, requests under way end,
 * their outcomes are committed. What a killed process leaves out of this comes due with its lease.
 */
@Injectable()
export class Worker implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private databaseAway = false;
  private scanning: Promise<void> | null = null;
  private stopped: Promise<void> | null = null;

  constructor(
    @Inject(APP_CONFIG) private readonly config: AppConfig,
    private readonly database: Database,
    private readonly consumer: TaskConsumer,
    private readonly rooms: WorkerRooms,
    private readonly log: Log,
  ) {}

  onApplicationBootstrap(): void {
    void this.database.ready
      .then(() => this.start())
      .catch((error: unknown) => this.log.error('worker.failed', errorFields(error)));
  }

  /** How many SQS messages may be received: each may bring a task of ten deliveries. With fewer permits than that, one. */
  async capacity(): Promise<number> {
    const { permits } = this.rooms;
    await permits.waitFor('queue', Math.min(DELIVERIES_PER_TASK, permits.most('queue')));
    return Math.min(MAX_MESSAGES, Math.max(1, Math.floor(permits.free('queue') / DELIVERIES_PER_TASK)));
  }

  /** Nothing is set aside for messages that are being received: a long poll must not keep permits from the hand-off. */
  unused(): void {}

  async handle(tasks: DeliveryTask[]): Promise<void> {
    const refs = tasks.flatMap(({ appId, deliveries }) => deliveries.map((delivery) => ({ appId, ...delivery })));
    if (!(await this.rooms.intake.take(refs, 'queue'))) throw new WorkerStops('the worker stops');
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.stop('SIGINT');
  }

  /** Resolves when nothing is in hand any more. Called again, it is the same stop. */
  stop(signal: 'SIGTERM' | 'SIGINT'): Promise<void> {
    this.stopped ??= this.stopAll(signal);
    return this.stopped;
  }

  private async stopAll(signal: 'SIGTERM' | 'SIGINT'): Promise<void> {
    const { handOff, scanner, permits, intake } = this.rooms;
    handOff.open = false;
    scanner.stop();
    // An aborted receive strands what SQS was handing out for its visibility time; the emulator in the process takes it along anyway.
    const abort = signal === 'SIGINT' || this.config.queue.url === null;
    const received = this.consumer.stop({ abort });
    permits.end();
    await Promise.all([received, this.scanning]);
    await intake.drained();
    this.log.info('worker.stopped', { signal });
  }

  private async start(): Promise<void> {
    if (this.stopped) return;
    const { gate, scanner, handOff } = this.rooms;
    const released = await scanner.recover();
    if (released > 0) this.log.info('worker.recovered', { deliveries: released });
    if (this.stopped) return;
    gate.onChange(() => this.steer());
    this.steer();
    this.consumer.start(this);
    handOff.open = true;
    this.scanning = scanner.run({ away: () => this.steer(true), back: () => this.steer(false) });
    this.log.info('worker.started', { concurrency: this.config.delivery.concurrency });
  }

  /** Nothing is received while the database is away, or at a share of 0: what a long poll under way still brings is handled. */
  private steer(databaseAway = this.databaseAway): void {
    this.databaseAway = databaseAway;
    if (databaseAway || this.rooms.gate.share === 0) this.consumer.pause();
    else this.consumer.resume();
  }
}
