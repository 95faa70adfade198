import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { recordCommand } from '../audit-rows.js';
import { dialectOf, endpointIs, msAgo, sqlTime, useIndex } from '../dialect.js';
import { DeliveryState } from '../entities/delivery.entity.js';
import { Transactions } from '../transactions.js';
import { marks } from '../sql-parts.js';
import { MessageRemoval } from './message-removal.js';
import { addTo, removeByKey, removeSome, type Removed, type Rows } from './rows.js';

/** A settle may be on its way to the database this long after the end of its lease: the time limit of a packet, and some more. */
const LATE_SETTLE_MS = 15_000;
/** Endpoints whose secrets are removed in one statement. */
const SECRETS_PER_STEP = 500;

/** A deleted application, or a deleted endpoint of one. */
export interface DeletedApplication {
  orgId: string;
  appId: string;
}
export interface DeletedEndpoint {
  appId: string;
  endpointId: string;
}

/** What a step did. `waiting`: nothing can be removed now, because deliveries are being sent. `done`: nothing is left. */
export interface RemovalStep {
  removed: Removed;
  waiting: boolean;
  done: boolean;
}

/**
 * Removes what belongs to deleted applications and endpoints, in steps. Each step is a short transaction.
 *
 * Nothing is sent for them any more: a claim reads that the application or the endpoint is deleted, and ends the delivery. A delivery
 * that was claimed before may still be on its way until its lease ends, so its message (or its endpoint) stays until then. Other open deliveries
 * are removed with the rest. If the process dies, the row of the application or endpoint is still there, because it goes last, and a later step goes on.
 */
@Injectable()
export class DeletedRemoval {
  private readonly messages: MessageRemoval;

  constructor(
    private readonly dataSource: DataSource,
    private readonly transactions: Transactions,
  ) {
    this.messages = new MessageRemoval(dataSource, transactions);
  }

  /** Removes secrets, headers and passwords of up to 500 endpoints that were deleted before this time (ms since 1970). Returns how many. */
  async removeSecrets(before: number): Promise<number> {
    const where = `deleted = 1 AND updated_at < ? AND ${HAS_SECRETS}`;
    const rows: { id: string }[] = await this.dataSource.query(
      `SELECT id FROM endpoint ${this.byDeletion('endpoint')} WHERE ${where} LIMIT ?`,
      [sqlTime(before), SECRETS_PER_STEP],
    );
    await this.blank(rows.map(({ id }) => id).sort());
    return rows.length;
  }

  /** The same for all endpoints of a deleted application, whenever they were deleted. */
  async removeSecretsOf(appId: string): Promise<void> {
    const rows: { id: string }[] = await this.dataSource.query(
      `SELECT id FROM endpoint WHERE app_id = ? AND deleted = 1 AND ${HAS_SECRETS} ORDER BY id`,
      [appId],
    );
    for (let at = 0; at < rows.length; at += SECRETS_PER_STEP)
      await this.blank(rows.slice(at, at + SECRETS_PER_STEP).map(({ id }) => id));
  }

  /** Up to `limit` applications that were deleted before this time, after an id. */
  async applications(before: number, after: string, limit: number): Promise<DeletedApplication[]> {
    return this.dataSource.query(
      `SELECT org_id AS orgId, id AS appId FROM application ${this.byDeletion('application')}
        WHERE deleted = 1 AND updated_at < ? AND id > ? ORDER BY id LIMIT ?`,
      [sqlTime(before), after, limit],
    );
  }

  /** Up to `limit` endpoints that were deleted before this time, after an id. */
  async endpoints(before: number, after: string, limit: number): Promise<DeletedEndpoint[]> {
    return this.dataSource.query(
      `SELECT app_id AS appId, id AS endpointId FROM endpoint ${this.byDeletion('endpoint')}
        WHERE deleted = 1 AND updated_at < ? AND id > ? ORDER BY id LIMIT ?`,
      [sqlTime(before), after, limit],
    );
  }

  /** One step of an application: its messages, then its endpoints, then what else belongs to it, and its own row last. `audited`: writes an entry of the audit log with the last row. */
  async stepOfApplication(application: DeletedApplication, audited = false): Promise<RemovalStep> {
    const { appId } = application;
    const msgIds = await this.messages.ids(appId, { above: '', below: 'msg_~' });
    if (msgIds.length > 0) {
      const step = await this.messages.remove({ ...application, msgIds, blocking: this.beingSent });
      return { removed: step.removed, waiting: step.removed.size === 0, done: false };
    }
    const [endpoint] = (await this.dataSource.query('SELECT id FROM endpoint WHERE app_id = ? ORDER BY id LIMIT 1', [appId])) as {
      id: string;
    }[];
    if (endpoint) return { ...(await this.stepOfEndpoint({ appId, endpointId: endpoint.id })), done: false };
    return this.transactions.write(async (manager) => {
      const removed: Removed = new Map();
      for (const rows of belongings(application)) {
        addTo(removed, rows.table, await removeSome(manager, rows));
        if (removed.size > 0) return { removed, waiting: false, done: false };
      }
      addTo(removed, 'application', await removeByKey(manager, 'application', ['id'], [[appId]]));
      if (audited && removed.size > 0) await recordErase(manager, application, 'finished');
      return { removed, waiting: false, done: true };
    });
  }

  /** One step of an endpoint: its attempts, deliveries, dead letters, cursors and counts, and its own row last. The messages stay. */
  stepOfEndpoint({ appId, endpointId }: DeletedEndpoint): Promise<RemovalStep> {
    return this.transactions.write(async (manager) => {
      const removed: Removed = new Map();
      const ofEndpoint = { where: endpointIs[dialectOf(manager.connection)], values: [endpointId, endpointId] };
      if (await this.isBeingSent(manager, endpointId)) return { removed, waiting: true, done: false };
      await lockEndpoint(manager, endpointId);
      for (const rows of [
        { table: 'attempt', key: ['msg_id', 'id'], index: 'attempt_by_endpoint', ...ofEndpoint },
        { table: 'delivery', key: ['msg_id', 'endpoint_id', 'run'], index: 'delivery_by_endpoint', ...ofEndpoint },
        lettersOf(appId, endpointId),
        { table: 'poller_cursor', key: CURSOR_KEY, where: 'app_id = ? AND endpoint_id = ?', values: [appId, endpointId] },
        countsOf(appId, endpointId),
      ]) {
        addTo(removed, rows.table, await removeSome(manager, rows));
        if (removed.size > 0) return { removed, waiting: false, done: false };
      }
      addTo(removed, 'endpoint', await removeByKey(manager, 'endpoint', ['id'], [[endpointId]]));
      return { removed, waiting: false, done: true };
    });
  }

  /** Without the hint, MySQL may read all rows in the order of their ids to find the few that are deleted. */
  private byDeletion(table: string): string {
    return useIndex(dialectOf(this.dataSource), `${table}_deleted`);
  }

  private async blank(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    await this.transactions.writeOnce(
      `UPDATE endpoint SET secrets = '[]', sealed_headers = NULL, sealed_password = NULL
        WHERE id IN (${marks(ids.length)}) AND deleted = 1`,
      [...ids],
    );
  }

  /** SQL condition on `delivery`: a process may be sending it, or writing its outcome. */
  private get beingSent(): string {
    return `state = ${DeliveryState.sending} AND due_at > ${msAgo(dialectOf(this.dataSource), LATE_SETTLE_MS)}`;
  }

  /** Claims that still run are among those that are due from now on, which are few, in an index. */
  private async isBeingSent(manager: EntityManager, endpointId: string): Promise<boolean> {
    const found: unknown[] = await manager.query(
      `SELECT 1 FROM delivery WHERE due_at IS NOT NULL AND ${this.beingSent} AND endpoint_id = ? LIMIT 1`,
      [endpointId],
    );
    return found.length > 0;
  }
}

const LETTERS = 'dead_letter_by_endpoint';
const CURSOR_KEY = ['app_id', 'endpoint_id', 'consumer'];
const HAS_SECRETS = "(secrets <> '[]' OR sealed_headers IS NOT NULL OR sealed_password IS NOT NULL)";

/** What else belongs to an application, and is few or in an index. What is listed in `payload_expiry` goes with the messages. The entries of the audit log and the counts of usage stay: they belong to the organisation. */
function belongings({ orgId, appId }: DeletedApplication): Rows[] {
  const ofApp = { where: 'app_id = ?', values: [appId] };
  const ofOrgAndApp = { where: 'org_id = ? AND app_id = ?', values: [orgId, appId] };
  return [
    { table: 'message_event', key: ['app_id', 'event_id'], ...ofApp },
    { table: 'message_key', key: ['app_id', 'hash'], ...ofApp },
    { table: 'poller_cursor', key: CURSOR_KEY, ...ofApp },
    { table: 'payload_sweep', key: ['app_id'], ...ofApp },
    { table: 'operational_event', key: ['id'], index: 'operational_event_by_app', ...ofApp },
    { table: 'dead_letter', key: ['org_id', 'id'], index: LETTERS, ...ofApp },
    { table: 'background_task', key: ['org_id', 'id'], ...ofOrgAndApp },
    { table: 'api_key', key: ['org_id', 'id'], ...ofOrgAndApp },
  ];
}

/** They are few: deliveries whose workers died again and again. */
function lettersOf(appId: string, endpointId: string): Rows {
  return {
    table: 'dead_letter',
    key: ['org_id', 'id'],
    index: LETTERS,
    where: 'app_id = ? AND endpoint_id = ?',
    values: [appId, endpointId],
  };
}

/** The counts of its attempts. */
function countsOf(appId: string, endpointId: string): Rows {
  return {
    table: 'attempt_count',
    key: ['org_id', 'step', 'begins', 'app_id', 'endpoint_id'],
    index: 'attempt_count_by_app',
    where: 'app_id = ? AND endpoint_id = ?',
    values: [appId, endpointId],
  };
}

/** Counts are written under this lock, so none is written after they were removed. SQLite has one writer. */
async function lockEndpoint(manager: EntityManager, endpointId: string): Promise<void> {
  if (dialectOf(manager.connection) === 'sqlite') return;
  await manager.query('SELECT id FROM endpoint FORCE INDEX (PRIMARY) WHERE id = ? FOR UPDATE', [endpointId]);
}

/** The entry of the audit log of an erasure. It names ids only. */
export function recordErase(
  database: DataSource | EntityManager,
  { orgId, appId }: DeletedApplication,
  step: 'begun' | 'finished',
): Promise<void> {
  return recordCommand(database, { operation: 'command.erase', orgId, objects: { appId, step } });
}
