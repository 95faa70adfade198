import { Injectable } from '@nestjs/common';
import type { TaskProgress } from '../database/repositories/background-task.repository.js';
import type { BackgroundTask } from '../database/entities/background-task.entity.js';
import { ReplayRepository } from '../database/repositories/replay.repository.js';
import { firstIdAt } from '../domain/ids.js';
import { manualDeliveries, messagesSent, ReplayTarget } from './replay-target.js';
import { ROWS_PER_STEP, TASK, TaskKind, type EndpointSpan } from './task-kinds.js';

/** One task sends at most so many messages again. */
const MAX_MESSAGES = 10_000;

/**
 * Makes one more attempt for each message that failed in the period and never reached the endpoint, even if it is still being retried.
 * A step reads the attempts in the order of their ids and takes a message at its first failed attempt of the period. So each message is
 * taken exactly once, wherever a step ends.
 */
@Injectable()
export class Recover extends TaskKind {
  readonly task = TASK.recover;
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
    const window = { above: firstIdAt('atmpt_', since), below: firstIdAt('atmpt_', until) };
    const above = task.reached ?? window.above;
    const attempts = await this.replays.failures(endpoint.appId, endpoint.id, { ...window, above }, ROWS_PER_STEP);
    const reached = attempts.at(-1)?.id ?? above;

    const seen = [...new Set(attempts.map(({ msgId }) => msgId))];
    const firsts = await this.replays.firstFailures(endpoint.appId, endpoint.id, seen, window);
    const failed = [...firsts].filter(([, first]) => first > above && first <= reached).map(([msgId]) => msgId);
    const messages = await this.replays.matching(endpoint.appId, failed, { eventTypes: null, channel: null });
    const room = MAX_MESSAGES - messagesSent(task);
    const chosen = failed.filter((msgId) => messages.get(msgId)?.sendable).slice(0, room);
    return {
      reached,
      data: { messagesSent: messagesSent(task) + chosen.length },
      done: attempts.length < ROWS_PER_STEP || chosen.length === room,
      writes: { deliveries: manualDeliveries(endpoint, chosen) },
    };
  }
}
