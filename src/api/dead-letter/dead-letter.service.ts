import { Injectable } from '@nestjs/common';
import { DeadLetterRepository } from '../../database/repositories/dead-letter.repository.js';
import { UsageRepository } from '../../database/repositories/usage.repository.js';
import type { IdWindow } from '../../domain/time-window.js';
import { errorFields, Log } from '../../observability/log.js';
import { DeadLetterQueue, type DeadTask } from '../../queue/dead-letter-queue.js';
import { ApiError, endpointDisabled } from '../http-support/api-error.js';
import type { DeadLetterKind, DeadLetterOut } from './dead-letter.schemas.js';

const LETTERS_PER_TRANSACTION = 500;
const TASK_PREFIX = 'task_';

/**
 * Lists and retries dead letters of both kinds, sorted by id: deliveries first, then tasks.
 *
 * A task belongs to the organisation of its application. A task that can not be parsed belongs to no organisation: only an operator
 * sees and moves it. The owner null is the operator, who sees and moves all.
 */
@Injectable()
export class DeadLetterService {
  constructor(
    private readonly letters: DeadLetterRepository,
    private readonly queue: DeadLetterQueue,
    private readonly usage: UsageRepository,
    private readonly log: Log,
  ) {}

  /** Up to `count` letters of the window, in the window's order of reading. With a `kind`, the source of the other kind is not asked. */
  async list(owner: string | null, window: IdWindow, count: number, kind: DeadLetterKind | null): Promise<DeadLetterOut[]> {
    const upward = window.order === 'oldest-first';
    const sources = {
      delivery: async (most: number) => (await this.letters.list(owner, window, most)).map(deliveryOut),
      task: async (most: number) => {
        const found = await this.tasks(owner, window);
        return (upward ? found : found.toReversed()).slice(0, most);
      },
    };
    const kinds: DeadLetterKind[] = upward ? ['delivery', 'task'] : ['task', 'delivery'];
    const listed: DeadLetterOut[] = [];
    for (const one of kinds) {
      if (listed.length < count && (kind ?? one) === one) listed.push(...(await sources[one](count - listed.length)));
    }
    return listed;
  }

  /**
   * Retries a dead letter: a delivery gets a manual attempt, a task goes back into the queue. False if there is no such letter. Throws
   * 409 if the endpoint is disabled.
   */
  async redrive(owner: string | null, id: string): Promise<boolean> {
    if (!id.startsWith(TASK_PREFIX)) return this.redriveDelivery(owner, id);
    const wanted = id.slice(TASK_PREFIX.length);
    const moved = await this.orUnavailable(() =>
      this.queue.redrive((tasks) =>
        this.idsOfVisible(
          owner,
          tasks.filter((task) => task.id === wanted),
        ),
      ),
    );
    return moved > 0;
  }

  /** Retries all. Letters for disabled endpoints stay. If the database or the queue fails, the rest stays too, and the error is logged. */
  async redriveAll(owner: string | null): Promise<void> {
    try {
      let deliveries = 0;
      for (let last: string | null = ''; last !== null;) {
        const some = await this.letters.redriveSome(owner, last, LETTERS_PER_TRANSACTION);
        deliveries += some.redriven;
        last = some.last;
      }
      const tasks = await this.queue.redriveAll(owner ?? 'operator', (some) => this.idsOfVisible(owner, some));
      this.log.info('dead_letters.redriven', { orgId: owner, deliveries, tasks });
    } catch (error) {
      this.log.error('dead_letters.redrive_failed', { orgId: owner, ...errorFields(error) });
    }
  }

  private async redriveDelivery(owner: string | null, id: string): Promise<boolean> {
    const redriven = await this.letters.redrive(owner, id);
    if (redriven === 'disabled') throw endpointDisabled();
    return redriven === 'sent';
  }

  private async tasks(owner: string | null, { above, below }: IdWindow): Promise<DeadLetterOut[]> {
    if (below !== null && below <= TASK_PREFIX) return [];
    const found = await this.visible(owner, await this.orUnavailable(() => this.queue.list()));
    return found
      .map(taskOut)
      .filter(({ id }) => (above === null || id > above) && (below === null || id < below))
      .toSorted((a, b) => (a.id < b.id ? -1 : 1));
  }

  private async idsOfVisible(owner: string | null, tasks: DeadTask[]): Promise<ReadonlySet<string>> {
    return new Set((await this.visible(owner, tasks)).map(({ id }) => id));
  }

  private async visible(owner: string | null, tasks: DeadTask[]): Promise<DeadTask[]> {
    if (owner === null) return tasks;
    const own = await this.usage.resolve(
      owner,
      tasks.flatMap(({ appId }) => appId ?? []),
    );
    return tasks.filter(({ appId }) => appId !== null && own.has(appId));
  }

  private async orUnavailable<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      this.log.warn('dead_letters.queue_away', errorFields(error));
      throw new ApiError(503, 'service_unavailable', 'The queue does not answer in time; try again');
    }
  }
}

function deliveryOut({ id, reason, since, appId, msgId, endpointId }: Omit<Required<DeadLetterOut>, 'kind'>): DeadLetterOut {
  return { id, kind: 'delivery', reason, since, appId, msgId, endpointId };
}

function taskOut({ id, reason, since, appId }: DeadTask): DeadLetterOut {
  return { id: `${TASK_PREFIX}${id}`, kind: 'task', reason, since, ...(appId !== null && { appId }) };
}
