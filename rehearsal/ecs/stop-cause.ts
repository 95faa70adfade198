/** Why a task stops, in the words of ECS: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html */
export interface StopCause {
  code:
    | 'TaskFailedToStart'
    | 'EssentialContainerExited'
    | 'ServiceSchedulerInitiated'
    | 'InfrastructureHealth'
    // Only of a rehearsal that ends.
    | 'UserInitiated';
  reason: string;
}

/** A container of the task ended by itself, or was killed. */
export const CONTAINER_EXITED: StopCause = {
  code: 'EssentialContainerExited',
  reason: 'Essential container in task exited',
};

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html */
export const CONTAINER_UNHEALTHY: StopCause = {
  code: 'ServiceSchedulerInitiated',
  reason: 'Task failed container health checks',
};

/**
 * The zone of the task is lost.
 * Assumption: ECS says so with the stop code that is made for infrastructure, and in these words; its guide names neither for Fargate.
 */
export const ZONE_LOST: StopCause = {
  code: 'InfrastructureHealth',
  reason: 'Task stopped because its infrastructure became unhealthy',
};

/** The whole rehearsal ends. */
export const REHEARSAL_ENDED: StopCause = { code: 'UserInitiated', reason: 'The rehearsal ended' };

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html */
export function failedElbHealthChecks(groupArn: string): StopCause {
  return { code: 'ServiceSchedulerInitiated', reason: `Task failed ELB health checks in (target-group ${groupArn})` };
}

/**
 * The service wants fewer tasks, or the task set is deleted. The guide has this text with `deployment`.
 * Assumption: it is the same for a task set, whose id stands in the place of the deployment's.
 */
export function scalingActivity(taskSetId: string): StopCause {
  return { code: 'ServiceSchedulerInitiated', reason: `Scaling activity initiated by (deployment ${taskSetId})` };
}

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/resource-initialization-error.html */
export function secretsNotPulled(detail: string): StopCause {
  const why = 'unable to pull secrets or registry auth: execution resource retrieval failed';
  return { code: 'TaskFailedToStart', reason: `ResourceInitializationError: ${why}: ${detail}` };
}

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_cannot_pull_image.html */
export function imageNotPulled(image: string): StopCause {
  return {
    code: 'TaskFailedToStart',
    reason: `CannotPullContainerError: failed to resolve reference "${image}": not found`,
  };
}
