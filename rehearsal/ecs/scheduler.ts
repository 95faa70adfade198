import type { TargetHealth } from '../model.js';
import { CONTAINER_UNHEALTHY, failedElbHealthChecks, scalingActivity, type StopCause } from './stop-cause.js';
import type { TaskDescription } from './task-description.js';

/** A task as the service scheduler sees it. */
export interface Candidate {
  arn: string;
  zone: string;
  standing: 'starting' | 'healthy' | 'unhealthy';
  /** Why it is unhealthy. */
  cause: StopCause | null;
}

export interface Stop {
  arn: string;
  cause: StopCause;
}

/**
 * How a task that runs, or is about to, stands. Both kinds of health checks have to say that it is healthy, and neither has a say
 * in the grace period: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html (healthCheckGracePeriodSeconds)
 */
export function standingOf(
  task: TaskDescription,
  target: TargetHealth | null,
  { groupArn, hasHealthCheck, inGrace }: { groupArn: string; hasHealthCheck: boolean; inGrace: boolean },
): Candidate {
  const { arn, zone } = task;
  const isHealthy = target?.state === 'healthy' && (!hasHealthCheck || task.healthStatus === 'HEALTHY');
  if (task.lastStatus === 'RUNNING' && isHealthy) return { arn, zone, standing: 'healthy', cause: null };
  const failed =
    task.healthStatus === 'UNHEALTHY'
      ? CONTAINER_UNHEALTHY
      : target?.state === 'unhealthy'
        ? failedElbHealthChecks(groupArn)
        : null;
  if (task.lastStatus !== 'RUNNING' || inGrace || !failed) return { arn, zone, standing: 'starting', cause: null };
  return { arn, zone, standing: 'unhealthy', cause: failed };
}

/**
 * What the scheduler does next for a task set: how many tasks it starts, and which it stops. A task that is unhealthy gets its
 * replacement first, and is stopped when that is healthy; if the replacement is unhealthy as well, one of the two is stopped. There are
 * never more than `maximum`: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_services.html, and
 * https://aws.amazon.com/blogs/containers/a-deep-dive-into-amazon-ecs-task-health-and-task-replacement/
 * Assumption: of two that are unhealthy the older one goes. `tasks` are in the order of their age, the oldest first.
 */
export function nextStep(
  tasks: readonly Candidate[],
  { desired, maximum, taskSetId }: { desired: number; maximum: number; taskSetId: string },
): { start: number; stop: Stop[] } {
  const unhealthy = tasks.filter(({ standing }) => standing === 'unhealthy');
  const others = tasks.filter(({ standing }) => standing !== 'unhealthy');
  const spare = spareOnes(others, desired);
  const kept = others.filter((task) => !spare.includes(task));
  const starting = kept.filter(({ standing }) => standing === 'starting').length;
  const surplus = unhealthy.length + kept.length - desired - starting;
  const failed = unhealthy.slice(0, Math.max(0, surplus));
  const room = maximum - (unhealthy.length - failed.length + kept.length);
  return {
    start: Math.max(0, Math.min(desired - kept.length, room)),
    stop: [
      ...spare.map(({ arn }) => ({ arn, cause: scalingActivity(taskSetId) })),
      ...failed.map(({ arn, cause }) => ({ arn, cause: cause! })),
    ],
  };
}

/**
 * The tasks that are too many: first of those that are not healthy yet, then one after the other of the zone that has most of them.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/update-service-parameters.html
 * Assumption: tasks that are starting go first, and in a zone the youngest.
 */
function spareOnes(tasks: readonly Candidate[], desired: number): Candidate[] {
  const kept = [...tasks];
  const spare: Candidate[] = [];
  while (kept.length > Math.max(0, desired)) {
    const starting = kept.filter(({ standing }) => standing === 'starting');
    const choice = starting.length > 0 ? starting : kept;
    const most = Math.max(...choice.map(({ zone }) => inZone(kept, zone)));
    const [chosen] = choice.filter(({ zone }) => inZone(kept, zone) === most).slice(-1);
    spare.push(chosen!);
    kept.splice(kept.indexOf(chosen!), 1);
  }
  return spare;
}

/**
 * The zone of the next task: the one with the fewest tasks of its task set, then with the fewest of the service; null if there is none.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/update-service-parameters.html counts those of the service.
 * Assumption: on Fargate each task set is spread for itself.
 */
export function zoneFor(
  zones: readonly string[],
  ofTaskSet: readonly { zone: string }[],
  ofService: readonly { zone: string }[],
): string | null {
  const load = (zone: string) => inZone(ofTaskSet, zone) * 100_000 + inZone(ofService, zone);
  return zones.reduce<string | null>((best, zone) => (best === null || load(zone) < load(best) ? zone : best), null);
}

function inZone(tasks: readonly { zone: string }[], zone: string): number {
  return tasks.filter((task) => task.zone === zone).length;
}
