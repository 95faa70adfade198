import { Injectable } from '@nestjs/common';
import type { TaskProgress } from '../database/repositories/background-task.repository.js';
import type { BackgroundTask } from '../database/entities/background-task.entity.js';
import { ReplayRepository, type SentMessage } from '../database/repositories/replay.repository.js';
import { firstIdAt } from '../domain/ids.js';
import { manualDeliveries, messagesSent, ReplayTarget } from './replay-target.js';
import { ROWS_PER_STEP, TASK, TaskKind, type BulkReplayInput } from './task-kinds.js';

const NUMBERS: Record<SentMessage['status'], number> = { delivered: 0, pending: 1, failed: 2, open: 3 };

/**
 * Makes one more attempt for each message of the period that was sent to the endpoint and passes the filter, whether it arrived or not.
 * Messages that were not tried yet are left out. A step reads the endpoint's deliveries in the order of their message ids, which never
 * changes.
 */
@Injectable()
export class BulkReplay extends TaskKind {
  readonly task = TASK.bulkReplay;
  readonly makesDeliveries = true;

  constructor(
    private readonly replays: ReplayRepository,
    private readonly target: ReplayTarget,
  ) {
    super();
  }

  async step(task: BackgroundTask): Promise<TaskProgress> {
    const input = task.input as BulkReplayInput;
    const endpoint = await this.target.require(task, input.endpointId);
    const { appId, id } = endpoint;
    const above = task.reached ?? firstIdAt('msg_', input.since);
    const sent = await this.replays.sent(appId, id, { above, below: firstIdAt('msg_', input.until) }, ROWS_PER_STEP);
    const wanted = sent.filter((one) => isWanted(one, input.status)).map(({ msgId }) => msgId);
    const matching = await this.withStatusClass(appId, id, wanted, input.statusCodeClass);
    const messages = await this.replays.matching(appId, matching, input);
    const chosen = matching.filter((msgId) => messages.get(msgId)?.sendable);
    return {
      reached: sent.at(-1)?.msgId ?? above,
      data: { messagesSent: messagesSent(task) + chosen.length },
      done: sent.length < ROWS_PER_STEP,
      writes: { deliveries: manualDeliveries(endpoint, chosen) },
    };
  }

  private async withStatusClass(
    appId: string,
    endpointId: string,
    msgIds: string[],
    codeClass: number | null,
  ): Promise<string[]> {
    if (codeClass === null) return msgIds;
    const codes = await this.replays.lastStatusCodes(appId, endpointId, msgIds);
    return msgIds.filter((msgId) => {
      const code = codes.get(msgId);
      return code !== undefined && code >= codeClass && code <= codeClass + 99;
    });
  }
}

function isWanted({ status }: SentMessage, wanted: number | null): boolean {
  return status !== 'pending' && (wanted === null || NUMBERS[status] === wanted);
}
