import { Injectable } from '@nestjs/common';
import { DataSource, type SelectQueryBuilder } from 'typeorm';
import { entityTime, firstIdAt } from '../../domain/ids.js';
import { MAX_SEARCHED, spanTo, type IdWindow, type Span } from '../../domain/time-window.js';
import { dialectOf, endpointIs, fromSqlTime, useIndex } from '../dialect.js';
import { AttemptStatus } from '../entities/attempt.entity.js';
import { Delivery, DeliveryState } from '../entities/delivery.entity.js';
import { Message } from '../entities/message.entity.js';
import {
  filtersMessages,
  applyWindow,
  readForced,
  applyEndpointWindow,
  whereMessage,
  type MessageFilter,
} from '../list-query.js';

const MAX_FAILURES = 500;
/** An attempt may seem older than its message by this much, because different machines make their ids. */
const MAX_CLOCK_SKEW_MS = 3_600_000;

/**
 * The status of a message at an endpoint, over its automatic and manual deliveries. `open`: not delivered yet, and an attempt is running or
 * will follow.
 */
export type DeliveryStatus = 'delivered' | 'open' | 'failed';

export interface EndpointMessage {
  msgId: string;
  status: DeliveryStatus;
  nextAttempt: Date | null;
}

export interface Destination {
  endpointId: string;
  /** `waiting`: no attempt was made yet. `nextAttempt` is then the latest time for the first attempt. */
  status: DeliveryStatus | 'waiting';
  nextAttempt: Date | null;
}

interface StatusRow {
  delivered: number | string;
  open: number | string;
  nextAttempt: Date | string | null;
}

type DestinationRow = StatusRow & { endpointId: string; firstAttempt: Date | string | null };

const { waiting, sending, delivered } = DeliveryState;
const DELIVERED = `MAX(d.state = ${delivered})`;
/** An attempt is running, or a further attempt is planned. A delivery that waits for its first attempt does not count. */
const OPEN = `MAX(d.state = ${sending} OR (d.state = ${waiting} AND d.attempts > 0))`;
const NEXT_ATTEMPT = `MIN(CASE WHEN d.state = ${waiting} AND d.attempts > 0 THEN d.due_at END)`;

const ATTEMPTED = 'MAX(d.attempts) > 0';
/** When the first attempt is due; NULL if there was an attempt. */
const FIRST_ATTEMPT = `CASE WHEN ${ATTEMPTED} THEN NULL ELSE MIN(CASE WHEN d.state = ${waiting} THEN d.due_at END) END`;

const HAVING: Record<DeliveryStatus, string> = {
  delivered: `${DELIVERED} = 1`,
  open: `${DELIVERED} = 0 AND ${OPEN} = 1`,
  failed: `${DELIVERED} = 0 AND ${OPEN} = 0`,
};

/**
 * Lists the status of messages at endpoints for the API. The lists have only messages with at least one attempt, unless the caller asks for
 * the others. The engine writes deliveries, see EngineStore.
 */
@Injectable()
export class DeliveryRepository {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * Up to `count` messages that were sent to an endpoint, in the window's order of reading. `end`: the id up to which they were searched, null
   * for the whole window.
   */
  async messagesOf(
    appId: string,
    endpointId: string,
    window: IdWindow,
    count: number,
    filter: MessageFilter & { status: DeliveryStatus | null },
  ): Promise<{ rows: EndpointMessage[]; end: string | null }> {
    const needsFailure = filter.status === 'open' || filter.status === 'failed';
    let failed = needsFailure ? await this.withFailures(appId, endpointId, window) : null;
    const searches = failed === null && (filter.status !== null || filtersMessages(filter));
    const { window: span, end } = searches ? await this.span(endpointId, window) : { window, end: null };
    // Of a long list, the part that is searched may be short.
    if (needsFailure && failed === null && end !== null) {
      const above = span.order === 'newest-first' ? end : span.above;
      failed = await this.withFailures(appId, endpointId, { ...span, above });
    }
    if (failed?.length === 0) return { rows: [], end };
    const query = this.withStatus()
      .addSelect('d.msgId', 'msgId')
      .where('d.appId = :appId', { appId })
      .groupBy('d.endpointId')
      .addGroupBy('d.msgId');
    if (filter.status !== null) query.andHaving(HAVING[filter.status]);
    if (failed) query.andWhere('d.msgId IN (:...failed)', { failed });
    if (filtersMessages(filter)) whereMessage(query.innerJoin(Message, 'm', 'm.appId = d.appId AND m.id = d.msgId'), filter);
    const rows = await readForced<StatusRow & { msgId: string }>(applyEndpointWindow(query, indexOf(endpointId), span, count));
    return { rows: rows.map((row) => ({ msgId: row.msgId, ...statusOf(row) })), end };
  }

  /** The part of the window that one page searches. */
  private async span(endpointId: string, window: IdWindow): Promise<Span> {
    const ids = this.dataSource.manager.createQueryBuilder(Delivery, 'd').select('d.msgId', 'id');
    const last = applyEndpointWindow(ids, indexOf(endpointId), window, 1).offset(MAX_SEARCHED - 1);
    return spanTo(window, (await last.getRawOne<{ id: string }>())?.id);
  }

  /**
   * Up to `count` endpoints to which a message was sent, in the window's order of reading.
   *
   * @param includeWaiting whether to include endpoints without an attempt so far
   */
  async destinationsOf(
    appId: string,
    msgId: string,
    window: IdWindow,
    count: number,
    includeWaiting: boolean,
  ): Promise<Destination[]> {
    const query = this.withStatus(includeWaiting)
      .addSelect('d.endpointId', 'endpointId')
      .addSelect(FIRST_ATTEMPT, 'firstAttempt')
      .where('d.msgId = :msgId AND d.appId = :appId', { msgId, appId })
      .groupBy('d.endpointId');
    const rows = await applyWindow(query, 'd.endpointId', window, count).getRawMany<DestinationRow>();
    return rows.map((row) => ({ endpointId: row.endpointId, ...destinationStatusOf(row) }));
  }

  /**
   * Ids of the messages with a failed attempt, null if there are more than MAX_FAILURES. A message that is `open` or `failed` usually has a
   * failed attempt, so a short list saves reading all other messages. Messages older than the window may be among them.
   */
  private async withFailures(appId: string, endpointId: string, { above }: IdWindow): Promise<string[] | null> {
    const dialect = dialectOf(this.dataSource);
    const since = firstIdAt('atmpt_', above === null ? 0 : entityTime(above).getTime() - MAX_CLOCK_SKEW_MS);
    const rows: { msgId: string }[] = await this.dataSource.query(
      `SELECT msg_id AS msgId FROM attempt ${useIndex(dialect, 'attempt_by_endpoint')}
        WHERE ${endpointIs[dialect]} AND status = ${AttemptStatus.fail} AND id > ? AND app_id = ? LIMIT ?`,
      [endpointId, endpointId, since, appId, MAX_FAILURES + 1],
    );
    return rows.length > MAX_FAILURES ? null : [...new Set(rows.map(({ msgId }) => msgId))];
  }

  private withStatus(includeWaiting = false): SelectQueryBuilder<Delivery> {
    const query = this.dataSource.manager
      .createQueryBuilder(Delivery, 'd')
      .select(DELIVERED, 'delivered')
      .addSelect(OPEN, 'open')
      .addSelect(NEXT_ATTEMPT, 'nextAttempt');
    return includeWaiting ? query : query.having(ATTEMPTED);
  }
}

function indexOf(endpointId: string) {
  return { row: 'd', id: 'd.msgId', index: 'delivery_by_endpoint', endpointId };
}

function statusOf(row: StatusRow): { status: DeliveryStatus; nextAttempt: Date | null } {
  if (Number(row.delivered) === 1) return { status: 'delivered', nextAttempt: null };
  if (Number(row.open) === 1) return { status: 'open', nextAttempt: timeOf(row.nextAttempt) };
  return { status: 'failed', nextAttempt: null };
}

function destinationStatusOf(row: DestinationRow): Pick<Destination, 'status' | 'nextAttempt'> {
  const known = statusOf(row);
  if (known.status !== 'failed' || row.firstAttempt === null) return known;
  return { status: 'waiting', nextAttempt: timeOf(row.firstAttempt) };
}

/** The driver of SQLite knows no type for a computed column, so it returns the time as text. */
function timeOf(value: Date | string | null): Date | null {
  return typeof value === 'string' ? new Date(fromSqlTime(value)) : value;
}
