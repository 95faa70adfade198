/** How ECS says that a task ended by itself, or never came up. */
const CRASHES = new Set(['EssentialContainerExited', 'TaskFailedToStart']);

/**
 * @typedef {object} TaskSet
 * @property {string} [id]
 * @property {string} [status]
 * @property {string} [taskDefinition]
 * @property {Date} [createdAt]
 *
 * @typedef {object} StoppedTask
 * @property {string} [startedBy]
 * @property {string} [stopCode]
 * @property {string} [stoppedReason]
 */

/**
 * The task set that a deployment brings in: the youngest, if there is more than one. A service on its own has no green.
 * @template {TaskSet} T
 * @param {T[]} taskSets
 * @returns {T | null}
 */
export function greenOf(taskSets) {
  if (taskSets.length < 2) return null;
  return taskSets.reduce((young, other) => (Number(other.createdAt ?? 0) > Number(young.createdAt ?? 0) ? other : young));
}

/**
 * How many of the stopped tasks were green's and did not stop because somebody wanted it: they ended by themselves, never came
 * up, or failed their health checks.
 * @param {StoppedTask[]} tasks
 * @param {string} greenId
 */
export function crashesOf(tasks, greenId) {
  return tasks.filter(
    ({ startedBy, stopCode, stoppedReason }) =>
      startedBy === greenId && (CRASHES.has(stopCode ?? '') || /health checks?/i.test(stoppedReason ?? '')),
  ).length;
}
