import { Injectable } from '@nestjs/common';
import type { TaskProgress } from '../database/repositories/background-task.repository.js';
import type { BackgroundTask } from '../database/entities/background-task.entity.js';
import { UsageRepository } from '../database/repositories/usage.repository.js';
import { firstIdAt, lastIdAt } from '../domain/ids.js';
import { ROWS_PER_STEP, TASK, TaskKind, type PurgeInput } from './task-kinds.js';

/** Removes the payloads of all messages that the application had when the task was created. */
@Injectable()
export class PurgeContent extends TaskKind {
  readonly task = TASK.purgeContent;
  readonly makesDeliveries = false;

  constructor(private readonly usage: UsageRepository) {
    super();
  }

  async step(task: BackgroundTask): Promise<TaskProgress> {
    const { until } = task.input as PurgeInput;
    const appId = task.appId ?? '';
    const above = task.reached ?? firstIdAt('msg_', 0);
    const messages = await this.usage.messages(appId, { above, below: lastIdAt('msg_', until) }, ROWS_PER_STEP);
    const msgIds = messages.filter(({ kept }) => kept).map(({ id }) => id);
    const before = (task.data as { messagesPurged?: number }).messagesPurged ?? 0;
    return {
      reached: messages.at(-1)?.id ?? above,
      data: { messagesPurged: before + msgIds.length },
      done: messages.length < ROWS_PER_STEP,
      writes: { expunged: { appId, msgIds } },
    };
  }
}
