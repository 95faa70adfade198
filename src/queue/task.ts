import type { DeliveryRef } from '../domain/delivery.js';

/** A delivery in a task, at the fence that its row had when the task was written. Its trace is not in the task's text but in an attribute. */
export type TaskDelivery = Omit<DeliveryRef, 'appId'>;

/** What one SQS message carries: 1 to 10 deliveries of one application. It holds ids only; everything else is read from the database. */
export interface DeliveryTask {
  appId: string;
  deliveries: TaskDelivery[];
}

/** A parsed SQS message. `newer`: a later release wrote it. `broken`: it is not a task. */
export type ParsedTask =
  { kind: 'task'; task: DeliveryTask } | { kind: 'newer'; version: number } | { kind: 'broken'; reason: string };

/** With so many deliveries, and ids of at most 40 characters, a task is smaller than 2 kB. */
export const DELIVERIES_PER_TASK = 10;

/** Name of the SQS message attribute with the traces of a task's deliveries. */
export const TRACES = 'posthorn.traces';

const VERSION = 1;
const ID = /^[a-z]+_[0-9A-Za-z_-]+$/;
const ID_LENGTH = 40;
const MAX_INT = 2_147_483_647;

/** Packs deliveries into tasks. Each task holds deliveries of one application, at most DELIVERIES_PER_TASK. */
export function packTasks(refs: readonly DeliveryRef[]): DeliveryTask[] {
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

/** The text of a task, `{"v":1,"app":"app_…","d":[["msg_…","ep_…",fence,run?],…]}`; a run of 0 is left out. */
export function formatTask(task: DeliveryTask): string {
  const d = task.deliveries.map(({ msgId, endpointId, fence, run }) =>
    run === 0 ? [msgId, endpointId, fence] : [msgId, endpointId, fence, run],
  );
  return JSON.stringify({ v: VERSION, app: task.appId, d });
}

/** The traces of a task's deliveries as the text of the attribute TRACES, separated by commas; null if no delivery has one. */
export function formatTraces({ deliveries }: DeliveryTask): string | null {
  return deliveries.some(({ trace }) => trace) ? deliveries.map(({ trace }) => trace ?? '').join(',') : null;
}

/** Adds the traces from the attribute TRACES to the task's deliveries. Missing or surplus traces do no harm: nothing depends on them. */
export function withTraces(task: DeliveryTask, traces: string | undefined): DeliveryTask {
  if (!traces) return task;
  const each = traces.split(',');
  const deliveries = task.deliveries.map((delivery, at) => (each[at] ? { ...delivery, trace: each[at] } : delivery));
  return { ...task, deliveries };
}

/** Parses the body of an SQS message. It is strict, but ignores parts that a later release may add. Never throws. */
export function parseTask(text: string): ParsedTask {
  const value = jsonOf(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return broken('not a JSON object');
  const { v, app, d } = value as Record<string, unknown>;
  if (!isInt(v) || v < 1) return broken('v is not a version');
  if (v > VERSION) return { kind: 'newer', version: v };
  if (!isId(app, 'app_')) return broken('app is not an application id');
  if (!Array.isArray(d) || d.length < 1 || d.length > DELIVERIES_PER_TASK)
    return broken(`d is not a list of 1 to ${DELIVERIES_PER_TASK} deliveries`);
  const deliveries: TaskDelivery[] = [];
  for (const item of d) {
    const delivery = deliveryOf(item);
    if (typeof delivery === 'string') return broken(`delivery ${deliveries.length} of d: ${delivery}`);
    deliveries.push(delivery);
  }
  return { kind: 'task', task: { appId: app, deliveries } };
}

/** The delivery, or what is wrong with it. */
function deliveryOf(item: unknown): TaskDelivery | string {
  if (!Array.isArray(item)) return 'not a list';
  const [msgId, endpointId, fence, run = 0] = item as unknown[];
  if (!isId(msgId, 'msg_')) return 'no message id';
  if (!isId(endpointId, 'ep_')) return 'no endpoint id';
  if (!isInt(fence)) return 'no fence';
  if (!isInt(run)) return 'run is not a count';
  return { msgId, endpointId, run, fence };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isId(value: unknown, prefix: string): value is string {
  return typeof value === 'string' && value.length <= ID_LENGTH && value.startsWith(prefix) && ID.test(value);
}

function isInt(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MAX_INT;
}

function broken(reason: string): ParsedTask {
  return { kind: 'broken', reason };
}
