import { randomInt } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { EndpointRepository } from '../database/repositories/endpoint.repository.js';
import type { BackgroundTask } from '../database/entities/background-task.entity.js';
import type { Endpoint } from '../database/entities/endpoint.entity.js';
import type { PlannedDeliveries } from '../database/task-writes.js';
import { TaskFailed } from './task-kinds.js';

const MAX_RUN = 2 ** 31 - 1;

/** Finds the endpoint that a recover or replay task is for. Each step asks again: the endpoint may have been deleted or disabled since. */
@Injectable()
export class ReplayTarget {
  constructor(private readonly endpoints: EndpointRepository) {}

  /** Throws TaskFailed if the endpoint was deleted or is disabled. */
  async require(task: BackgroundTask, endpointId: string): Promise<Endpoint> {
    const endpoint = await this.endpoints.find(task.appId ?? '', endpointId);
    if (!endpoint) throw new TaskFailed('The endpoint was deleted');
    if (endpoint.disabled) throw new TaskFailed('The endpoint is disabled');
    return endpoint;
  }
}

/** One manual attempt for each message: it is not retried, and does not change the planned retries. */
export function manualDeliveries({ appId, id }: Endpoint, msgIds: readonly string[]): PlannedDeliveries {
  return { appId, endpointId: id, fresh: msgIds.map((msgId) => ({ msgId, run: randomInt(1, MAX_RUN) })), reopened: [] };
}

/** How many messages the task has sent so far. */
export function messagesSent(task: BackgroundTask): number {
  return (task.data as { messagesSent?: number }).messagesSent ?? 0;
}
