/** Which delivery, at which claim: `fence` is what its row had when the task was written, `run` counts its resends. */
export interface DeliveryKey {
  msgId: string;
  endpointId: string;
  run: number;
  fence: number;
  /** W3C traceparent; not in the task's text but beside it, in an attribute. */
  trace?: string;
}

/** What one SQS message carries: 1 to 10 deliveries of one application. Ids only: the rows are the truth. */
export interface DeliveryTask {
  appId: string;
  deliveries: DeliveryKey[];
}

/** What a text from the queue turned out to be. `newer`: written by a later release; `broken`: by nobody we know. */
export type ParsedTask =
  { kind: 'task'; task: DeliveryTask } | { kind: 'newer'; version: number } | { kind: 'broken'; reason: string };

/** Most deliveries in one task. With ids of at most 40 characters a task stays below 2 kB. */
export const DELIVERIES_PER_TASK = 10;

/** The message attribute with the traces of a task's deliveries. */
export const TRACES = 'posthorn.traces';

const VERSION = 1;
const ID = /^[a-z]+_[0-9A-Za-z_-]+$/;
const ID_LENGTH = 40;
const MAX_INT = 2_147_483_647;

/** The text of a task, `{"v":1,"app":"app_…","d":[["msg_…","ep_…",fence,run?],…]}`; a run of 0 is left out. */
export function formatTask(task: DeliveryTask): string {
  const d = task.deliveries.map(({ msgId, endpointId, fence, run }) =>
    run === 0 ? [msgId, endpointId, fence] : [msgId, endpointId, fence, run],
  );
  return JSON.stringify({ v: VERSION, app: task.appId, d });
}

/** The traces of a task's deliveries as one text, for an attribute beside the task; null where none is traced. */
export function formatTraces({ deliveries }: DeliveryTask): string | null {
  return deliveries.some(({ trace }) => trace) ? deliveries.map(({ trace }) => trace ?? '').join(',') : null;
}

/** Gives deliveries the traces that came beside their task. What doesn't fit is ignored: it is nothing but a hint. */
export function withTraces(task: DeliveryTask, traces: string | undefined): DeliveryTask {
  if (!traces) return task;
  const each = traces.split(',');
  const deliveries = task.deliveries.map((delivery, at) => (each[at] ? { ...delivery, trace: each[at] } : delivery));
  return { ...task, deliveries };
}

/** Reads a text from the queue, strictly, except that what a later release may add beside the known parts is ignored. Never throws. */
export function parseTask(text: string): ParsedTask {
  const value = jsonOf(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return broken('not a JSON object');
  const { v, app, d } = value as Record<string, unknown>;
  if (!isInt(v) || v < 1) return broken('v is not a version');
  if (v > VERSION) return { kind: 'newer', version: v };
  if (!isId(app, 'app_')) return broken('app is not an application id');
  if (!Array.isArray(d) || d.length < 1 || d.length > DELIVERIES_PER_TASK)
    return broken(`d is not a list of 1 to ${DELIVERIES_PER_TASK} deliveries`);
  const deliveries: DeliveryKey[] = [];
  for (const item of d) {
    const delivery = deliveryOf(item);
    if (typeof delivery === 'string') return broken(`delivery ${deliveries.length} of d: ${delivery}`);
    deliveries.push(delivery);
  }
  return { kind: 'task', task: { appId: app, deliveries } };
}

function deliveryOf(item: unknown): DeliveryKey | string {
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
