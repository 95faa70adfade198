import type { DeliveryRef } from '../../domain/delivery.js';
import { AUTOMATIC_RUN, DeliveryState } from '../entities/delivery.entity.js';
import { SHOULD_STORE_EVENT } from '../endpoint-events.js';
import { rowValues } from './mysql-pool.js';
import { isWorkerLost, WORKER_LOST, type Settlement } from './engine-store.js';

interface Packet {
  sql: string;
  values: unknown[];
  /** Positions of the statements that settle deliveries. Their affected rows count the deliveries that still had their fence. */
  updatesAt: number[];
}

/**
 * The packet that settles a batch in one transaction: it writes the attempts, then the deliveries that still have their fence.
 *
 * If the answer is lost and the packet is sent again: nothing changes, because the attempts exist and no row is in the state "sending".
 */
export function settlePacket(settlements: readonly Settlement[]): Packet {
  const statements: string[] = ['BEGIN'];
  const values: unknown[] = [];
  const updatesAt: number[] = [];
  const add = (sql: string, parameters: unknown[], isUpdate: boolean) => {
    if (isUpdate) updatesAt.push(statements.length);
    statements.push(sql);
    values.push(...parameters);
  };
  const attempted = settlements.filter((settlement) => settlement.attempt !== null);
  if (attempted.length > 0) add(...insertAttempts(attempted));
  const delivered = settlements.filter((settlement) => settlement.next.kind === 'delivered');
  if (delivered.length > 0) add(DELIVERED, [rowValues(delivered.map(refOf))], true);
  const undelivered = settlements.filter((settlement) => settlement.next.kind !== 'delivered');
  if (undelivered.length > 0) add(...updateUndelivered(undelivered));
  const manual = delivered.filter((settlement) => settlement.run !== AUTOMATIC_RUN);
  if (manual.length > 0)
    add(END_AUTOMATIC, [rowValues(manual.map(({ msgId, endpointId }) => [msgId, endpointId, AUTOMATIC_RUN]))], false);
  const lost = undelivered.filter(isWorkerLost);
  if (lost.length > 0)
    add(LIST_DEAD_LETTERS, [rowValues(lost.map(({ msgId, endpointId, run }) => [msgId, endpointId, run]))], false);
  const withEvent = settlements.filter((settlement) => settlement.event);
  if (withEvent.length > 0) add(...insertEvents(withEvent));
  return { sql: [...statements, 'COMMIT'].join(';'), values, updatesAt };
}

const DELIVERED = `UPDATE delivery FORCE INDEX (PRIMARY) SET state = ${DeliveryState.delivered}, attempts = attempts + 1, due_at = NULL
  WHERE (msg_id, endpoint_id, run, fence) IN (?) AND state = ${DeliveryState.sending}`;

/**
 * A successful manual attempt ends the automatic delivery. If an automatic attempt is running, its settle finds the fence lost and plans no
 * retry.
 */
const END_AUTOMATIC = `UPDATE delivery FORCE INDEX (PRIMARY) SET state = ${DeliveryState.delivered}, fence = fence + 1, due_at = NULL
  WHERE (msg_id, endpoint_id, run) IN (?) AND state < ${DeliveryState.delivered}`;

/** Lists only deliveries that this transaction has settled. Nothing is listed if the fence was lost. */
const LIST_DEAD_LETTERS = `INSERT INTO dead_letter (org_id, id, app_id, msg_id, endpoint_id, reason, since)
  SELECT a.org_id, CONCAT(d.msg_id, ':', d.endpoint_id, ':', d.run), d.app_id, d.msg_id, d.endpoint_id, d.reason, UTC_TIMESTAMP(3)
    FROM delivery d FORCE INDEX (PRIMARY) JOIN application a FORCE INDEX (PRIMARY) ON a.id = d.app_id
   WHERE (d.msg_id, d.endpoint_id, d.run) IN (?) AND d.state = ${DeliveryState.failed} AND d.reason = '${WORKER_LOST}'
  ON DUPLICATE KEY UPDATE id = dead_letter.id`;

function insertAttempts(settlements: readonly Settlement[]): [string, unknown[], boolean] {
  const rows = settlements.map(() => '(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, UTC_TIMESTAMP(3) + INTERVAL ? MICROSECOND)').join(',');
  const sql = `INSERT INTO attempt
    (msg_id, id, app_id, endpoint_id, url, status, trigger_type, status_code, duration_ms, response, next_attempt)
    VALUES ${rows} ON DUPLICATE KEY UPDATE id = attempt.id`;
  const values = settlements.flatMap(({ attempt, ...settlement }) => [
    settlement.msgId,
    attempt!.id,
    settlement.appId,
    settlement.endpointId,
    attempt!.url,
    settlement.next.kind === 'delivered' ? 0 : 2,
    settlement.run === AUTOMATIC_RUN ? 0 : 1,
    attempt!.statusCode,
    attempt!.durationMs,
    attempt!.response,
    settlement.next.kind === 'retry' ? Math.round(settlement.next.delayMs) * 1000 : null,
  ]);
  return [sql, values, false];
}

/** Stores events of deliveries that still had their fence, if the events should be stored. */
function insertEvents(settlements: readonly Settlement[]): [string, unknown[], boolean] {
  const rows = settlements
    .map(() => 'SELECT _ascii? AS m, _ascii? AS e, ? AS r, ? AS f, _ascii? AS id, _ascii? AS type, ? AS data, ? AS always')
    .join(' UNION ALL ');
  const sql = `INSERT INTO operational_event (id, type, app_id, data, due_at)
    SELECT v.id, v.type, d.app_id, v.data, UTC_TIMESTAMP(3)
      FROM (${rows}) v STRAIGHT_JOIN delivery d FORCE INDEX (PRIMARY) ON d.msg_id = v.m AND d.endpoint_id = v.e AND d.run = v.r
           STRAIGHT_JOIN application a FORCE INDEX (PRIMARY) ON a.id = d.app_id
     WHERE d.fence = v.f AND d.state <> ${DeliveryState.sending} AND ${SHOULD_STORE_EVENT.replace('?', 'v.always')}
        ON DUPLICATE KEY UPDATE operational_event.id = operational_event.id`;
  const values = settlements.flatMap(({ event, ...settlement }) => [
    ...refOf(settlement),
    event!.id,
    event!.type,
    JSON.stringify(event!.data),
    event!.always ? 1 : 0,
  ]);
  return [sql, values, false];
}

/** Each retry has its own time, and each failure its own reason: one UPDATE with a join writes all of them. */
function updateUndelivered(settlements: readonly Settlement[]): [string, unknown[], boolean] {
  const rows = settlements
    .map(() => 'SELECT _ascii? AS m, _ascii? AS e, ? AS r, ? AS f, ? AS st, ? AS made, ? AS delay_us, _ascii? AS why')
    .join(' UNION ALL ');
  const sql = `UPDATE (${rows}) v STRAIGHT_JOIN delivery d FORCE INDEX (PRIMARY) ON d.msg_id = v.m AND d.endpoint_id = v.e AND d.run = v.r
     SET d.state = v.st, d.attempts = d.attempts + v.made, d.due_at = UTC_TIMESTAMP(3) + INTERVAL v.delay_us MICROSECOND,
         d.reason = NULLIF(v.why, '')
   WHERE d.fence = v.f AND d.state = ${DeliveryState.sending}`;
  const values = settlements.flatMap((settlement) => [
    ...refOf(settlement),
    settlement.next.kind === 'retry' ? DeliveryState.waiting : DeliveryState.failed,
    settlement.attempt ? 1 : 0,
    settlement.next.kind === 'retry' ? Math.round(settlement.next.delayMs) * 1000 : null,
    settlement.next.kind === 'failed' ? settlement.next.reason : '',
  ]);
  return [sql, values, true];
}

function refOf(settlement: DeliveryRef): [string, string, number, number] {
  return [settlement.msgId, settlement.endpointId, settlement.run, settlement.fence];
}
