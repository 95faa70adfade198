import { Injectable } from '@nestjs/common';
import type { TaskProgress } from '../database/repositories/background-task.repository.js';
import type { BackgroundTask } from '../database/entities/background-task.entity.js';
import { UsageRepository } from '../database/repositories/usage.repository.js';
import { ROWS_PER_STEP, TASK, TaskKind } from './task-kinds.js';

/** Which event types the endpoints of an application subscribe to. */
interface Subscription {
  appId: string;
  explicitlySubscribedEventTypes: string[];
  hasCatchAllEndpoint: boolean;
}

/** Lists which event types the applications of an organisation subscribe to, in the order of the applications' ids. */
@Injectable()
export class EventTypeUsage extends TaskKind {
  readonly task = TASK.eventTypes;
  readonly makesDeliveries = false;

  constructor(private readonly usage: UsageRepository) {
    super();
  }

  async step(task: BackgroundTask): Promise<TaskProgress> {
    const { event_types: before = [] } = task.data as { event_types?: Subscription[] };
    const above = task.reached ?? '';
    const applications = await this.usage.applications(task.orgId, above, ROWS_PER_STEP);
    const appIds = applications.map(({ id }) => id);
    const byApp = Map.groupBy(await this.usage.subscriptions(appIds), ({ appId }) => appId);
    const found = appIds.map((appId): Subscription => {
      const lists = (byApp.get(appId) ?? []).map(({ eventTypes }) => eventTypes);
      return {
        appId,
        explicitlySubscribedEventTypes: [...new Set(lists.flatMap((list) => list ?? []))].sort(),
        hasCatchAllEndpoint: lists.includes(null),
      };
    });
    return {
      reached: appIds.at(-1) ?? above,
      data: { event_types: [...before, ...found] },
      done: appIds.length < ROWS_PER_STEP,
      writes: {},
    };
  }
}
