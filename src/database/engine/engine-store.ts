import type { DeliveryRef } from '../../domain/delivery.js';
import { timeOf } from '../../domain/ids.js';
import type { MessageExtras } from '../../domain/message-extras.js';
import type { OperationalEvent } from '../../domain/operational-event.js';

/** An idempotency key. While it is stored, the application gets no second message with this key. */
export interface MessageKey {
  /** Hash of the client's key and its scope: at most 40 ASCII characters. */
  hash: string;
  /** How long the key is stored, in ms. */
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
  /** When the payload expires, ms since 1970. */
  payloadUntil: number;
  /** The payload expires earlier than by default, so the message is also listed in `payload_expiry`. */
  expiresEarly?: boolean;
  /** The idempotency key of the request. */
  key?: MessageKey | null;
  extras?: MessageExtras | null;
}

/** A delivery as a group commit writes it: claimed by this process, or waiting until GRACE_MS have passed. */
export interface NewDeliveryRow {
  appId: string;
  msgId: string;
  endpointId: string;
  claimed: boolean;
  /** When it becomes due, ms since 1970, instead of after GRACE_MS. For scheduled messages. */
  dueAt?: number | null;
  /** After how long it becomes due, in ms, instead of GRACE_MS. For deliveries that must wait for a slow endpoint. */
  delayMs?: number | null;
}

/** What one group commit writes, all or nothing. Messages whose eventId or key belongs to another message are left out. */
export interface Group {
  /** Application id → the version for which the deliveries were planned. */
  versions: ReadonlyMap<string, number>;
  messages: readonly NewMessageRow[];
  deliveries: readonly NewDeliveryRow[];
}

/** The group was written, except for messages whose eventId or key belongs to another message. */
export interface Committed {
  kind: 'committed';
  /** Ids of the messages that were left out because of their eventId. */
  eventIdTaken: ReadonlySet<string>;
  /** Ids of the messages that were left out because of their idempotency key → id of the message that has the key. */
  keyTaken: ReadonlyMap<string, string>;
}

/**
 * `stale`: these applications have changed since the deliveries were planned; nothing was written. `mistimed`: the time in a message id is
 * too far from `now`, the database's time in ms since 1970; nothing was written.
 */
export type GroupResult = { kind: 'stale'; appIds: string[] } | { kind: 'mistimed'; now: number } | Committed;

/**
 * How far the time in a message id may be from the database's clock, in ms, at the end of the transaction that writes the message. Pollers
 * read messages in the order of ids and stay further behind the present than this, so that no message appears before their position.
 */
export const MAX_ID_SKEW_MS = 8_000;

/** A delivery that was claimed, with its message. The endpoint is in the ApplicationCache, or is read at this version or later. */
export interface ClaimedRow extends DeliveryRef {
  attempts: number;
  /** null if the application was deleted. */
  appVersion: number | null;
  /** null if the row of the message does not exist. The payload is null if it was expunged or has expired. */
  message: { eventType: string; channels: string[] | null; payload: Buffer | null; contentType: string | null } | null;
}

/** A delivery that is due: no process holds a claim that still runs. */
export interface DueRow extends DeliveryRef {
  attempts: number;
  /** It was postponed to its turn under the endpoint's rate limit, and that time has come. */
  paced: boolean;
  /** For how long it has been due, in ms. */
  lateMs: number;
}

/** A delivery that may not be sent yet. `paced`: the delay ends at its turn under the endpoint's rate limit. */
export interface Postponed extends DeliveryRef {
  delayMs: number;
  paced: boolean;
}

/** The result of a claimed delivery. */
export interface Settlement extends DeliveryRef {
  next: { kind: 'delivered' } | { kind: 'retry'; delayMs: number } | { kind: 'failed'; reason: string };
  /** null if no request was made. */
  attempt: NewAttemptRow | null;
  /** An operational event for the tenant. Most settlements have none. */
  event?: OperationalEvent | null;
}

export interface NewAttemptRow {
  id: string;
  url: string;
  statusCode: number;
  durationMs: number;
  response: string;
}

/** How long a queued delivery waits for its task before the scanner finds it. */
export const GRACE_MS = 30_000;
/**
 * After so many claims without a settle a delivery may be what kills the workers. The next claim only lets it wait (`QUARANTINE_MS`), and the
 * one after that tries it alone (`isQuarantined`). If that ends without a settle too, it fails.
 */
export const MAX_UNSETTLED_CLAIMS = 5;
/** How long such a delivery waits, so that what else kills workers may be over. */
export const QUARANTINE_MS = 120_000;
/** The reason of such a failure. `settle` writes the delivery to the dead letters. */
export const WORKER_LOST = 'worker lost';

/**
 * The engine's statements, with one implementation for each kind of database. Each method is one transaction or one statement.
 *
 * If the answer of a call is lost: the call may be repeated, because rows are changed only while they have the fence that was read.
 * If the process dies: its claims end with their leases, or at the next start on the embedded database (see `recover`).
 *
 * All methods throw driver errors; errors.ts tells them apart.
 */
export abstract class EngineStore {
  /** Writes a group of messages with their deliveries. Claimed deliveries get a lease of `leaseMs`. */
  abstract insertGroup(group: Group, leaseMs: number): Promise<GroupResult>;

  /** Whether the message exists; waits for an open transaction that is writing it. For groups whose COMMIT was not answered. */
  abstract hasMessage(appId: string, msgId: string): Promise<boolean>;

  /**
   * Claims deliveries for `leaseMs`, except those that were claimed or settled since they were read. Returns the claimed ones with their
   * messages.
   */
  abstract claim(refs: readonly DeliveryRef[], leaseMs: number): Promise<ClaimedRow[]>;

  /** Writes results with their attempts. Returns the number of deliveries that were not changed because their fence was lost. */
  abstract settle(settlements: readonly Settlement[]): Promise<number>;

  /** Those of these deliveries that have another fence now. Read after a settle that returned more than 0, to log which were lost. */
  abstract withLostFence(refs: readonly DeliveryRef[]): Promise<DeliveryRef[]>;

  /** Postpones deliveries that may not be sent yet. No attempt is written. */
  abstract postpone(refs: readonly Postponed[]): Promise<void>;

  /**
   * Deliveries that are due, oldest first.
   *
   * @param withinMs only those that became due within this time; null for all
   * @param without ids of endpoints to leave out
   */
  abstract due(limit: number, withinMs: number | null, without?: readonly string[]): Promise<DueRow[]>;

  /**
   * For the start, before the first claim. On the embedded database it makes all deliveries due that were being sent or queued when the
   * process died. Returns how many.
   */
  abstract recover(): Promise<number>;

  /** The engine's connection pool; null if the engine has no pool of its own. */
  get connections(): { inUse: number; max: number } | null {
    return null;
  }

  /** Closes the engine's connections. */
  abstract close(): Promise<void>;
}

/** The oldest and the newest time in the ids of these messages, ms since 1970. At least one message. */
export function idTimeRange(messages: readonly { id: string }[]): { oldest: number; newest: number } {
  let [oldest, newest] = [messages[0]!.id, messages[0]!.id];
  for (const { id } of messages) {
    if (id < oldest) oldest = id;
    if (id > newest) newest = id;
  }
  return { oldest: timeOf(oldest), newest: timeOf(newest) };
}

/**
 * Whether the time in one of the ids is more than `skewMs` from the database's time. Reading the time from an id costs more than comparing
 * ids, so it is read from two ids only.
 *
 * @param databaseMs the database's time, ms since 1970
 */
export function areMistimed(messages: readonly { id: string }[], databaseMs: number, skewMs = MAX_ID_SKEW_MS): boolean {
  const { oldest, newest } = idTimeRange(messages);
  return oldest < databaseMs - skewMs || newest > databaseMs + skewMs;
}

/** Whether the delivery failed because its workers died, not because its attempts failed. */
export function isWorkerLost({ next }: Settlement): boolean {
  return next.kind === 'failed' && next.reason === WORKER_LOST;
}

/** Each claim raises the fence, each settled attempt `attempts`: so many claims have ended without an outcome, and the last one if it runs. */
export function unsettledClaims({ fence, attempts }: { fence: number; attempts: number }): number {
  return fence - attempts;
}

/** Whether a delivery that is not claimed is to be tried alone. */
export function isQuarantined(row: { fence: number; attempts: number }): boolean {
  return unsettledClaims(row) === MAX_UNSETTLED_CLAIMS + 1;
}

/** The order of the primary key of `delivery`. Rows are locked in this order to avoid deadlocks. */
export function byPrimaryKey(a: DeliveryRef, b: DeliveryRef): number {
  return compare(a.msgId, b.msgId) || compare(a.endpointId, b.endpointId) || a.run - b.run;
}

/** Byte order of ASCII texts, as the database compares ids and names. */
export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
