import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import type { Loop } from '../async/loop.js';
import { APP_CONFIG, type AppConfig } from '../config/config.js';
import { Database } from '../database/database.js';
import { DatabaseClock } from '../database/database-clock.js';
import { isOutage } from '../database/errors.js';
import { DeletedRemoval, type RemovalStep } from '../database/removal/deleted-removal.js';
import { SharedWorkRepository } from '../database/repositories/shared-work.repository.js';
import { errorFields, Log } from '../observability/log.js';
import { ReleaseGate } from '../release/release-gate.js';
import { gatedLoop } from './gated-loop.js';
import { SharedTurn } from './shared-turn.js';

const EVERY_MS = 60_000;
const SWEEP_EVERY_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** Applications or endpoints that are read at a time. */
const READ = 100;

/**
 * Removes the rows of applications and endpoints that were deleted more than DELETED_DAYS ago: first the secrets of all of them, then the
 * applications with everything that belongs to them, then the endpoints of the other applications. Like RowRetention, one process at a time does
 * it, in small steps with pauses. If the process dies, the next turn goes on, here or in another process.
 */
@Injectable()
export class DeletedRetention implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly loop: Loop;

  constructor(
    @Inject(APP_CONFIG) private readonly config: AppConfig,
    private readonly database: Database,
    private readonly rows: DeletedRemoval,
    private readonly works: SharedWorkRepository,
    private readonly clock: DatabaseClock,
    private readonly gate: ReleaseGate,
    private readonly log: Log,
  ) {
    this.loop = gatedLoop({ name: 'deleted_retention', everyMs: EVERY_MS, turn: () => this.turn() }, gate, log);
  }

  onApplicationBootstrap(): void {
    if (this.config.retention.deletedDays > 0) void this.database.ready.then(() => this.loop.start());
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.loop.stop();
  }

  /** Removes everything that was deleted long enough ago, if that is due. Answers false: there is never more to do at once. */
  async turn(now = this.clock.now()): Promise<boolean> {
    const mustStop = () => this.loop.isStopping || this.gate.share === 0;
    const turn = await SharedTurn.begin({ works: this.works, name: 'deleted_rows', mustStop });
    if (!turn) return false;
    const before = now - this.config.retention.deletedDays * DAY_MS;
    let secretsOf = 0;
    for (let found = 1; found > 0 && !turn.isOver; secretsOf += found) {
      found = await this.rows.removeSecrets(before);
      if (found > 0) await turn.rest(0);
    }
    const applications = (after: string) => this.rows.applications(before, after, READ);
    await this.all(
      turn,
      applications,
      ({ appId }) => appId,
      (one) => this.rows.stepOfApplication(one),
    );
    const endpoints = (after: string) => this.rows.endpoints(before, after, READ);
    await this.all(
      turn,
      endpoints,
      ({ endpointId }) => endpointId,
      (one) => this.rows.stepOfEndpoint(one),
    );
    const removed = await turn.end(SWEEP_EVERY_MS);
    if (secretsOf > 0 || Object.keys(removed).length > 0)
      this.log.info('deleted_retention.removed', { removed, secretsOfEndpoints: secretsOf });
    return false;
  }

  private async all<T>(
    turn: SharedTurn,
    read: (after: string) => Promise<T[]>,
    idOf: (one: T) => string,
    step: (one: T) => Promise<RemovalStep>,
  ): Promise<void> {
    for (let after = ''; !turn.isOver;) {
      const found = await read(after);
      for (const one of found) await this.trySteps(turn, idOf(one), () => step(one));
      if (found.length < READ) return;
      after = idOf(found.at(-1)!);
    }
  }

  /** One that can't be removed must not keep the others from it. */
  private async trySteps(turn: SharedTurn, id: string, step: () => Promise<RemovalStep>): Promise<void> {
    try {
      await this.steps(turn, step);
    } catch (error) {
      if (isOutage(error)) throw error;
      this.log.error('deleted_retention.failed', { of: id, ...errorFields(error) });
    }
  }

  /** Until nothing is left. If something is being sent right now, the next turn does the rest. */
  private async steps(turn: SharedTurn, step: () => Promise<RemovalStep>): Promise<void> {
    while (!turn.isOver) {
      const { done, waiting } = await turn.step(step);
      if (done || waiting) return;
    }
  }
}
