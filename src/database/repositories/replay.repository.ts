import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { dialectOf, endpointIs, sqlTime, useIndex } from '../dialect.js';
import { AttemptStatus } from '../entities/attempt.entity.js';
import { DeliveryState } from '../entities/delivery.entity.js';
import { Message } from '../entities/message.entity.js';
import { WORKER_LOST } from '../engine/engine-store.js';
import { filtersMessages, whereMessage, type MessageFilter } from '../list-query.js';
import { byKey, fromNow, marks } from '../task-writes.js';
import type { DeliveryStatus } from './delivery.repository.js';

/** Ids strictly between. */
export interface Between {
  above: string;
  below: string;
}

/** A message as far as it decides where it goes. */
export interface Candidate {
  id: string;
  eventType: string;
  channels: string[] | null;
  /** Scheduled for then; null for at once. */
  deliverAt: Date | null;
  /** Its payload is still there. */
  sendable: boolean;
}

/** A message that was on its way to an endpoint. `pending`: not tried yet. */
export interface SentMessage {
  msgId: string;
  status: DeliveryStatus | 'pending';
}

/**
 * What recover and the replays read. Each statement reads a limited number of rows, in the order of an index, so that a task over
 * a million rows is many small reads and never a long one.
 */
@Injectable()
export class ReplayRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** Up to `count` failed attempts at an endpoint, oldest first. */
  async failures(appId: string, endpointId: string, between: Between, count: number): Promise<{ id: string; msgId: string }[]> {
    return this.dataSource.query(
      `SELECT id, msg_id AS msgId FROM attempt ${useIndex(this.dialect, 'attempt_by_endpoint')}
        WHERE ${endpointIs[this.dialect]} AND status = ${AttemptStatus.fail} AND id > ? AND id < ? AND app_id = ?
        ORDER BY endpoint_id, id LIMIT ?`,
      [endpointId, endpointId, between.above, between.below, appId, count],
    );
  }

  /** Of these messages, those that never reached the endpoint and failed in the window: message → its first failure there. */
  async firstFailures(
    appId: string,
    endpointId: string,
    msgIds: readonly string[],
    window: Between,
  ): Promise<Map<string, string>> {
    if (msgIds.length === 0) return new Map();
    const rows: { msgId: string; first: string | null }[] = await this.dataSource.query(
      `SELECT msg_id AS msgId, MIN(CASE WHEN status = ${AttemptStatus.fail} AND id > ? AND id < ? THEN id END) AS first
         FROM attempt ${byKey(this.dataSource)}
        WHERE msg_id IN (${marks(msgIds.length)}) AND endpoint_id = ? AND app_id = ?
        GROUP BY msg_id HAVING MIN(status) > ${AttemptStatus.success}`,
      [window.above, window.below, ...msgIds, endpointId, appId],
    );
    return new Map(rows.flatMap(({ msgId, first }) => (first === null ? [] : [[msgId, first]])));
  }

  /** Up to `count` messages of an application, oldest first, whether they can still be sent or not. */
  async messages(appId: string, between: Between, count: number): Promise<Candidate[]> {
    const query = this.candidates(appId).andWhere('m.id > :above AND m.id < :below', between);
    return read(await query.orderBy('m.id').limit(count).getRawAndEntities<{ sendable: number }>());
  }

  /** Of these messages, those that pass the filter, by id. */
  async passing(appId: string, msgIds: readonly string[], filter: MessageFilter): Promise<Map<string, Candidate>> {
    if (msgIds.length === 0) return new Map();
    const query = this.candidates(appId).andWhere('m.id IN (:...msgIds)', { msgIds });
    if (filtersMessages(filter)) whereMessage(query, filter);
    return new Map(read(await query.getRawAndEntities<{ sendable: number }>()).map((message) => [message.id, message]));
  }

  /**
   * Of these messages, those that had a delivery to the endpoint. `ended`: it is over without an attempt (the endpoint was disabled,
   * say), and for no reason of its own.
   */
  async knownAt(appId: string, endpointId: string, msgIds: readonly string[]): Promise<Map<string, { ended: boolean }>> {
    if (msgIds.length === 0) return new Map();
    const rows: { msgId: string; others: number }[] = await this.dataSource.query(
      `SELECT msg_id AS msgId,
              SUM(CASE WHEN run = 0 AND state = ${DeliveryState.failed} AND attempts = 0 AND reason <> '${WORKER_LOST}' THEN 0 ELSE 1 END) AS others
         FROM delivery ${byKey(this.dataSource)}
        WHERE msg_id IN (${marks(msgIds.length)}) AND endpoint_id = ? AND app_id = ? GROUP BY msg_id`,
      [...msgIds, endpointId, appId],
    );
    return new Map(rows.map(({ msgId, others }) => [msgId, { ended: Number(others) === 0 }]));
  }

  /** Up to `count` messages that had a delivery to the endpoint, oldest first, and how they stand. */
  async sent(appId: string, endpointId: string, between: Between, count: number): Promise<SentMessage[]> {
    const rows: { msgId: string; delivered: number; open: number; attempts: number }[] = await this.dataSource.query(
      `SELECT msg_id AS msgId, MAX(state = ${DeliveryState.delivered}) AS delivered,
              MAX(state < ${DeliveryState.delivered}) AS open, MAX(attempts) AS attempts
         FROM delivery ${useIndex(this.dialect, 'delivery_by_endpoint')}
        WHERE ${endpointIs[this.dialect]} AND msg_id > ? AND msg_id < ? AND app_id = ?
        GROUP BY endpoint_id, msg_id ORDER BY endpoint_id, msg_id LIMIT ?`,
      [endpointId, endpointId, between.above, between.below, appId, count],
    );
    return rows.map(({ msgId, delivered, open, attempts }) => {
      if (Number(delivered) === 1) return { msgId, status: 'delivered' };
      if (Number(open) === 0) return { msgId, status: 'failed' };
      return { msgId, status: Number(attempts) > 0 ? 'open' : 'pending' };
    });
  }

  /** The status of the newest answer that the endpoint gave to each of these messages; 0 for none. */
  async lastStatusCodes(appId: string, endpointId: string, msgIds: readonly string[]): Promise<Map<string, number>> {
    if (msgIds.length === 0) return new Map();
    const rows: { msgId: string; statusCode: number }[] = await this.dataSource.query(
      `SELECT msg_id AS msgId, status_code AS statusCode FROM attempt ${byKey(this.dataSource)}
        WHERE msg_id IN (${marks(msgIds.length)}) AND endpoint_id = ? AND app_id = ? ORDER BY msg_id, id`,
      [...msgIds, endpointId, appId],
    );
    return new Map(rows.map(({ msgId, statusCode }) => [msgId, Number(statusCode)]));
  }

  /** How many deliveries wait for a worker just now, counted up to `most`. */
  async backlog(most: number): Promise<number> {
    const rows: { found: number }[] = await this.dataSource.query(
      `SELECT COUNT(*) AS found FROM
         (SELECT 1 AS one FROM delivery WHERE due_at IS NOT NULL AND due_at <= ${fromNow(this.dataSource, 0)} LIMIT ?) due_now`,
      [most],
    );
    return Number(rows[0]?.found ?? 0);
  }

  private get dialect() {
    return dialectOf(this.dataSource);
  }

  private candidates(appId: string) {
    return this.dataSource.manager
      .createQueryBuilder(Message, 'm')
      .select(['m.appId', 'm.id', 'm.eventType', 'm.channels', 'm.deliverAt'])
      .addSelect('(m.payload IS NOT NULL AND m.payloadUntil > :now)', 'sendable')
      .where('m.appId = :appId', { appId, now: sqlTime(Date.now()) });
  }
}

function read({ raw, entities }: { raw: { sendable: number }[]; entities: Message[] }): Candidate[] {
  return entities.map(({ id, eventType, channels, deliverAt }, at) => ({
    id,
    eventType,
    channels,
    deliverAt,
    sendable: Number(raw[at]!.sendable) === 1,
  }));
}
