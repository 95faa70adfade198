import type { DeliveryRef } from '../../domain/delivery.js';
import { timeOf } from '../../domain/ids.js';
import type { MessageExtras } from '../../domain/message-extras.js';
import type { OperationalEvent } from '../../domain/operational-event.js';

/** An idempotency key: while it is remembered, no second message of the application is made under it. */
export interface MessageKey {
  /** Of the client's key and what it belongs to: at most 40 ASCII characters. */
  hash: string;
  keepMs: number;
}

/** A message as a group commit writes it. */
export interface NewMessageRow {
  appId: string;
  id: string;
  eventType: string;
  eventId: string | null;
  channels: string[] | null;
  payload: Buffer;
  /** ms since 1970 */
  payloadUntil: number;
  /** Its payload expires before those of most messages: it is listed where expired ones are looked for. */
  expiresEarly?: boolean;
  /** The idempotency key that it is made under. */
  key?: MessageKey | null;
  extras?: MessageExtras | null;
}

/** A delivery as a group commit writes it: claimed by this process, or waiting until its grace is over. */
export interface NewDeliveryRow {
  appId: string;
  msgId: string;
  endpointId: string;
  claimed: boolean;
  /** Waiting for this moment (ms since 1970) instead of the end of its grace. */
  dueAt?: number | null;
}

/** What one group commit writes: all or nothing, but for messages whose eventId or key is taken. */
export interface Group {
  /** Application → the version at which its endpoints were matched. */
  versions: ReadonlyMap<string, number>;
  messages: readonly NewMessageRow[];
  deliveries: readonly NewDeliveryRow[];
}

/** Written, but for what belongs to messages that are there already. */
export interface Committed {
  kind: 'committed';
  /** Messages (ids) whose eventId belongs to another one. */
  eventIdTaken: ReadonlySet<string>;
  /** Messages (ids) whose idempotency key made another one: its id. */
  keyTaken: ReadonlyMap<string, string>;
}

/**
 * `stale`: these applications have changed. `mistimed`: an id's time is too far from `now`, the database's clock. Of both, nothing
 * was written.
 */
export type GroupResult = { kind: 'stale'; appIds: string[] } | { kind: 'mistimed'; now: number } | Committed;

/**
 * How far the time in a message's id may be from the database's clock, in ms, at the end of the transaction that writes it: those who
 * read messages in the order of their ids stay further behind than this, so that nothing appears behind them.
 */
export const MAX_ID_SKEW_MS = 8_000;

/** A delivery that was claimed, with its message. The endpoint is in the ApplicationCache, or is read at this version or later. */
export interface ClaimedRow extends DeliveryRef {
  attempts: number;
  /** null: the application was deleted. */
  appVersion: number | null;
  /** null: the message is gone; payload null: expunged or expired. */
  message: { eventType: string; channels: string[] | null; payload: Buffer | null; contentType: string | null } | null;
}

/** A row that is due and in nobody's hands. */
export interface DueRow extends DeliveryRef {
  attempts: number;
  /** It is due because its turn under the endpoint's rate has come. */
  paced: boolean;
  /** How long it has been due. */
  lateMs: number;
}

/** A delivery that may not be sent yet; `paced` when that is its turn under the endpoint's rate. */
export interface Postponed extends DeliveryRef {
  delayMs: number;
  paced: boolean;
}

/** How a delivery under a claim went on. */
export interface Settlement extends DeliveryRef {
  next: { kind: 'delivered' } | { kind: 'retry'; delayMs: number } | { kind: 'failed'; reason: string };
  /** null: it ended without a request. */
  attempt: NewAttemptRow | null;
  /** What the tenant is to be told of it, which is rare. */
  event?: OperationalEvent | null;
}

export interface NewAttemptRow {
  id: string;
  url: string;
  statusCode: number;
  durationMs: number;
  response: string;
}

/** How long a queued delivery is left to its task before the scanner looks after it. */
export const GRACE_MS = 30_000;
/** Claims without a settle after which a delivery is given up: it would go on to kill workers. */
export const MAX_LOST_CLAIMS = 5;
/** The reason of a delivery that was given up so: `settle` lists it as a dead letter. */
export const WORKER_LOST = 'worker lost';

/**
 * The engine's statements, one implementation a database. Each method is one transaction or one statement; each may be
 * repeated after a lost answer without harm, because rows are changed only under the fence at which they were read.
 */
export abstract class EngineStore {
  /** Writes a group of messages with their deliveries. Throws isLockConflict, isAway and other driver errors. */
  abstract insertGroup(group: Group, leaseMs: number): Promise<GroupResult>;

  /** Whether a message is there; waits for a transaction that is writing it. Tells whether a group whose COMMIT went unanswered stands. */
  abstract hasMessage(appId: string, msgId: string): Promise<boolean>;

  /** Claims those of these deliveries that nobody else has claimed since they were read, for `leaseMs`; answers them with their messages. */
  abstract claim(refs: readonly DeliveryRef[], leaseMs: number): Promise<ClaimedRow[]>;

  /** Writes outcomes with their attempts. Returns how many deliveries had been lost to another fence. */
  abstract settle(settlements: readonly Settlement[]): Promise<number>;

  /** Those of these deliveries whose fence is another one by now: somebody else took them. Asked only to name what `settle` counted. */
  abstract withLostFence(refs: readonly DeliveryRef[]): Promise<DeliveryRef[]>;

  /** Puts deliveries off that may not be sent yet, without an attempt. */
  abstract postpone(refs: readonly Postponed[]): Promise<void>;

  /**
   * Deliveries that are due, oldest first; only those that came due within `withinMs`, where that is given, and none to the endpoints
   * that are to be left out.
   */
  abstract due(limit: number, withinMs: number | null, without?: readonly string[]): Promise<DueRow[]>;

  /** Before anything is claimed: on the embedded database, what was being sent or was queued when the process died comes due at once. */
  abstract recover(): Promise<number>;

  /** Connections of the engine's own pool; null where there is one for everything. */
  get connections(): { inUse: number; most: number } | null {
    return null;
  }

  abstract close(): Promise<void>;
}

/** The times of the oldest and the newest of these messages' ids, ms since 1970. */
export function timesOf(messages: readonly { id: string }[]): { oldest: number; newest: number } {
  let [oldest, newest] = [messages[0]!.id, messages[0]!.id];
  for (const { id } of messages) {
    if (id < oldest) oldest = id;
    if (id > newest) newest = id;
  }
  return { oldest: timeOf(oldest), newest: timeOf(newest) };
}

/**
 * Whether the time in one of the ids is too far from the database's clock, see `MAX_ID_SKEW_MS`. Reading it out of an id costs more than
 * comparing ids: two are read.
 */
export function areMistimed(messages: readonly { id: string }[], databaseMs: number, skewMs = MAX_ID_SKEW_MS): boolean {
  const { oldest, newest } = timesOf(messages);
  return oldest < databaseMs - skewMs || newest > databaseMs + skewMs;
}

/** Whether an outcome says that the workers died, and not that the attempt failed. */
export function isWorkerLost({ next }: Settlement): boolean {
  return next.kind === 'failed' && next.reason === WORKER_LOST;
}

export function byPrimaryKey(a: DeliveryRef, b: DeliveryRef): number {
  return compare(a.msgId, b.msgId) || compare(a.endpointId, b.endpointId) || a.run - b.run;
}

export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
