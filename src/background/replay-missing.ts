import { Injectable } from '@nestjs/common';
import type { TaskProgress } from '../database/repositories/background-task.repository.js';
import type { BackgroundTask } from '../database/entities/background-task.entity.js';
import { ReplayRepository } from '../database/repositories/replay.repository.js';
import { firstIdAt } from '../domain/ids.js';
import { matches } from '../domain/matching.js';
import { messagesSent, ReplayTarget } from './replay-target.js';
import { ROWS_PER_STEP, TASK, TaskKind, type EndpointSpan } from './task-kinds.js';

/**
 * Makes a delivery, with its retries, for each message of the period that the endpoint would get today but was never sent: because the
 * endpoint did not exist yet, was disabled, or had other filters. A step reads the application's messages in the order of their ids.
 */
@Injectable()
export class ReplayMissing extends TaskKind {
  readonly task = TASK.replayMissing;
  readonly makesDeliveries = true;

  constructor(
    private readonly replays: ReplayRepository,
    private readonly target: ReplayTarget,
  ) {
    super();
  }

  async step(task: BackgroundTask): Promise<TaskProgress> {
    const { endpointId, since, until } = task.input as EndpointSpan;
    const endpoint = await this.target.require(task, endpointId);
    const { appId, id } = endpoint;
    const above = task.reached ?? firstIdAt('msg_', since);
    const messages = await this.replays.messages(appId, { above, below: firstIdAt('msg_', until) }, ROWS_PER_STEP);
    const wanted = messages.filter((message) => message.sendable && matches(endpoint, message));
    const ids = wanted.map((message) => message.id);
    const known = await this.replays.existingDeliveries(appId, id, ids);
    const fresh = wanted
      .filter((message) => !known.has(message.id))
      .map((message) => ({ msgId: message.id, run: 0, dueAt: message.deliverAt }));
    const reopened = ids.filter((msgId) => known.get(msgId)?.ended);
    return {
      reached: messages.at(-1)?.id ?? above,
      data: { messagesSent: messagesSent(task) + fresh.length + reopened.length },
      done: messages.length < ROWS_PER_STEP,
      writes: { deliveries: { appId, endpointId: id, fresh, reopened } },
    };
  }
}
