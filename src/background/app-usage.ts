import { Injectable } from '@nestjs/common';
import type { TaskProgress } from '../database/repositories/background-task.repository.js';
import type { BackgroundTask } from '../database/entities/background-task.entity.js';
import { UsageRepository } from '../database/repositories/usage.repository.js';
import { firstIdAt } from '../domain/ids.js';
import { ROWS_PER_STEP, TASK, TaskKind, type AppUsageInput } from './task-kinds.js';

const APPLICATIONS_PER_STEP = 50;

/** How many endpoints the messages of an application went to, summed up over the messages. */
interface AppStats {
  appId: string;
  appUid: string | null;
  messageDestinations: number;
}

/** The application that the task has come to, and the last message that is counted there. `msgId` is empty if all of them are. */
interface Reached {
  appId: string;
  msgId: string;
}

/**
 * Counts the deliveries of each application of an organisation, for messages of a period. A step goes through applications until it has
 * looked at enough messages. The application in which it stops is the last of the list; the next step goes on counting there.
 */
@Injectable()
export class AppUsage extends TaskKind {
  readonly task = TASK.appUsage;
  readonly makesDeliveries = false;

  constructor(private readonly usage: UsageRepository) {
    super();
  }

  async step(task: BackgroundTask): Promise<TaskProgress> {
    const { since, until, appIds } = task.input as AppUsageInput;
    const window = { above: firstIdAt('msg_', since), below: firstIdAt('msg_', until) };
    const stats = [...((task.data as { appStats?: AppStats[] }).appStats ?? [])];
    let reached = task.reached === null ? { appId: '', msgId: '' } : (JSON.parse(task.reached) as Reached);
    let room = ROWS_PER_STEP;

    if (reached.msgId !== '') {
      const partial = stats.pop()!;
      const { counted, last } = await this.count(partial.appId, { ...window, above: reached.msgId }, room);
      stats.push({ ...partial, messageDestinations: partial.messageDestinations + counted.destinations });
      reached = { appId: partial.appId, msgId: last };
      room -= counted.messages;
    }
    const next = await this.next(task.orgId, reached.appId, appIds);
    for (const { id, uid } of next.applications) {
      if (room === 0) break;
      const { counted, last } = await this.count(id, window, room);
      stats.push({ appId: id, appUid: uid, messageDestinations: counted.destinations });
      reached = { appId: id, msgId: last };
      room -= counted.messages;
    }
    const done = room > 0 && next.last;
    return { reached: JSON.stringify(reached), data: { appStats: stats }, done, writes: {} };
  }

  /** The next applications, in the order of their ids. `last`: there are no more after them. */
  private async next(orgId: string, after: string, wanted: string[] | null) {
    const ids = wanted?.filter((id) => id > after).slice(0, APPLICATIONS_PER_STEP) ?? null;
    const applications = await this.usage.applications(orgId, after, APPLICATIONS_PER_STEP, ids);
    return { applications, last: (ids ?? applications).length < APPLICATIONS_PER_STEP };
  }

  /** `last`: the message after which the next step goes on; empty if all of them were counted. */
  private async count(appId: string, between: { above: string; below: string }, room: number) {
    const messages = await this.usage.messages(appId, between, room);
    const ids = messages.map(({ id }) => id);
    const destinations = await this.usage.destinations(appId, ids);
    return { counted: { messages: ids.length, destinations }, last: ids.length < room ? '' : ids.at(-1)! };
  }
}
