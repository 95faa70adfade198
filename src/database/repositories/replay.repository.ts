import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { dialectOf, endpointIs, sqlTime, useIndex } from '../dialect.js';
import { AttemptStatus } from '../entities/attempt.entity.js';
import { DeliveryState } from '../entities/delivery.entity.js';
import { Message } from '../entities/message.entity.js';
import { WORKER_LOST } from '../engine/engine-store.js';
import { filtersMessages, whereMessage, type MessageFilter } from '../list-query.js';
import { byKey, fromNow, marks } from '../sql-parts.js';
import type { DeliveryStatus } from './delivery.repository.js';

/** A range of ids, without its limits. */
export interface Between {
  above: string;
  below: string;
}

/** The properties of a message that decide which endpoints get it. */
export interface Candidate {
  id: string;
  eventType: string;
  channels: string[] | null;
  /** The time for which it is scheduled; null for none. */
  deliverAt: Date | null;
  /** Its payload exists and has not expired. */
  sendable: boolean;
}

/** A message with a delivery to an endpoint. `pending`: no attempt was made yet. */
export interface SentMessage {
  msgId: string;
  status: DeliveryStatus | 'pending';
}

/**
 * Reads what the background tasks recover and replay need. Each statement reads a limited number of rows in the order of an index. So a
 * task over a million rows makes many short reads.
 */
@Injectable()
export class ReplayRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** Up to `count` failed attempts to an endpoint, oldest first. */
  async failures(appId: string, endpointId: string, between: Between, count: number): Promise<{ id: string; msgId: string }[]> {
    return this.dataSource.query(
      `SELECT id, msg_id AS msgId FROM attempt ${useIndex(this.dialect, 'attempt_by_endpoint')}
        WHERE ${endpointIs[this.dialect]} AND status = ${AttemptStatus.fail} AND id > ? AND id < ? AND app_id = ?
        ORDER BY endpoint_id, id LIMIT ?`,
      [endpointId, endpointId, between.above, between.below, appId, count],
    );
  }

  /**
   * Of these messages, those without a successful attempt to the endpoint and with a failed one in the window: id → id of the first
   * failed attempt.
   */
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

  /** Up to `count` messages of an application, oldest first. Those that can't be sent any more are included. */
  async messages(appId: string, between: Between, count: number): Promise<Candidate[]> {
    const query = this.candidates(appId).andWhere('m.id > :above AND m.id < :below', between);
    return read(await query.orderBy('m.id').limit(count).getRawAndEntities<{ sendable: number }>());
  }

  /** Of these messages, those that match the filter, by id. */
  async matching(appId: string, msgIds: readonly string[], filter: MessageFilter): Promise<Map<string, Candidate>> {
    if (msgIds.length === 0) return new Map();
    const query = this.candidates(appId).andWhere('m.id IN (:...msgIds)', { msgIds });
    if (filtersMessages(filter)) whereMessage(query, filter);
    return new Map(read(await query.getRawAndEntities<{ sendable: number }>()).map((message) => [message.id, message]));
  }

  /**
   * Of these messages, those that have deliveries to the endpoint, by id. `ended`: the automatic delivery ended without an attempt, for
   * example because the endpoint was disabled, but not because its workers died; and there is no manual delivery.
   */
  async existingDeliveries(
    appId: string,
    endpointId: string,
    msgIds: readonly string[],
  ): Promise<Map<string, { ended: boolean }>> {
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

  /** Up to `count` messages with deliveries to the endpoint, oldest first, with their status. */
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

  /**
   * Message id → HTTP status code of the latest attempt to the endpoint; 0 if it had no answer. Messages without an attempt are left out.
   */
  async lastStatusCodes(appId: string, endpointId: string, msgIds: readonly string[]): Promise<Map<string, number>> {
    if (msgIds.length === 0) return new Map();
    const rows: { msgId: string; statusCode: number }[] = await this.dataSource.query(
      `SELECT msg_id AS msgId, status_code AS statusCode FROM attempt ${byKey(this.dataSource)}
        WHERE msg_id IN (${marks(msgIds.length)}) AND endpoint_id = ? AND app_id = ? ORDER BY msg_id, id`,
      [...msgIds, endpointId, appId],
    );
    return new Map(rows.map(({ msgId, statusCode }) => [msgId, Number(statusCode)]));
  }

  /** How many deliveries are due now, counted up to `max`. */
  async backlog(max: number): Promise<number> {
    const rows: { found: number }[] = await this.dataSource.query(
      `SELECT COUNT(*) AS found FROM
         (SELECT 1 AS one FROM delivery WHERE due_at IS NOT NULL AND due_at <= ${fromNow(this.dataSource, 0)} LIMIT ?) due_now`,
      [max],
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
