import type { DeliveryRef } from '../domain/delivery.js';
import { DELIVERIES_PER_TASK, type DeliveryTask } from '../queue/task.js';

/** Packs deliveries into tasks: one application a task, as many deliveries as a task takes. */
export function tasksOf(refs: readonly DeliveryRef[]): DeliveryTask[] {
  const byApp = Map.groupBy(refs, (ref) => ref.appId);
  return [...byApp].flatMap(([appId, own]) => {
    const tasks: DeliveryTask[] = [];
    for (let at = 0; at < own.length; at += DELIVERIES_PER_TASK) {
      const deliveries = own
        .slice(at, at + DELIVERIES_PER_TASK)
        .map(({ msgId, endpointId, run, fence, trace }) => ({ msgId, endpointId, run, fence, ...(trace ? { trace } : {}) }));
      tasks.push({ appId, deliveries });
    }
    return tasks;
  });
}
