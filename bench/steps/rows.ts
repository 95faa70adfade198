import mysql from 'mysql2/promise';
import { newId } from '../../src/domain/ids.js';
import { progress } from '../report/terminal.js';

/** In the order of the statements. */
const TABLES = ['message', 'delivery', 'attempt'];
const ROWS_A_STATEMENT = 2_000;
const DAYS = 30;
/** Each message goes to two of the endpoints. */
const FAN_OUT = 2;
/** Every so many-th attempt has failed, but none at the last endpoint; every so many-th message has the rare type. */
const FAILED_EVERY = 49;
const RARE_EVERY = 100;
export const RARE_TYPE = 'order.refunded';

const PAYLOAD = JSON.stringify({ order: 1042, text: 'x'.repeat(270) });

/**
 * Writes so many attempts, with their messages and deliveries, straight into the tables, as if they had come over the last month;
 * returns some of the messages' ids. Ids and values are our own, so that nothing needs escaping, which would take most of the time.
 */
export async function writeAttempts(
  databaseUrl: string,
  appId: string,
  endpointIds: readonly string[],
  count: number,
): Promise<string[]> {
  // One for each table, so that the server writes them at the same time.
  const connections = await Promise.all(TABLES.map(() => mysql.createConnection({ uri: databaseUrl })));
  const messageCount = count / FAN_OUT;
  const someIds: string[] = [];
  try {
    for (const connection of connections) await connection.query('SET SESSION unique_checks = 0');
    const start = Date.now() - DAYS * 86_400_000;
    const stepMs = (DAYS * 86_400_000) / messageCount;
    const most = ROWS_A_STATEMENT / FAN_OUT;
    for (let from = 0; from < messageCount; from += most) {
      const times = Array.from({ length: Math.min(most, messageCount - from) }, (_, n) => start + (from + n) * stepMs);
      // Within 4 ms ids have no order of their own, and rows are written fastest in the order of their key.
      const ids = times.map((at) => newId('msg_', at)).toSorted((a, b) => (a < b ? -1 : 1));
      const batch = ids.map((id, n) => ({ id, number: from + n, at: times[n]! }));
      await Promise.all(statements(appId, endpointIds, batch).map((statement, n) => connections[n]!.query(statement)));
      if (from % (most * 10) === 0) {
        progress(`listings: ${(from * FAN_OUT).toLocaleString('en')} of ${count.toLocaleString('en')} attempts written`);
        someIds.push(ids[0]!);
      }
    }
    for (const table of TABLES) await connections[0]!.query(`ANALYZE TABLE ${table}`);
    return someIds;
  } finally {
    for (const connection of connections) connection.destroy();
  }
}

interface Written {
  id: string;
  number: number;
  at: number;
}

function statements(appId: string, endpointIds: readonly string[], messages: readonly Written[]): string[] {
  const sends = messages.flatMap(({ id, number, at }) =>
    Array.from({ length: FAN_OUT }, (_, n) => {
      const endpointId = endpointIds[(number + n) % endpointIds.length]!;
      const failed = (number * FAN_OUT + n) % FAILED_EVERY === 0 && endpointId !== endpointIds.at(-1);
      return { id, endpointId, at, failed };
    }),
  );
  // The key goes on with the endpoint.
  const deliveries = sends.toSorted((a, b) => (a.id + a.endpointId < b.id + b.endpointId ? -1 : 1));
  const messageRows = messages.map(
    ({ id, number }) =>
      `('${appId}','${id}','${number % RARE_EVERY === 0 ? RARE_TYPE : 'order.paid'}','${PAYLOAD}',UTC_TIMESTAMP(3) + INTERVAL 90 DAY)`,
  );
  const deliveryRows = deliveries.map(
    ({ id, endpointId, failed }) => `('${id}','${endpointId}',0,'${appId}',${failed ? 3 : 2},1,1,NULL)`,
  );
  const attemptRows = sends.map(
    ({ id, endpointId, at, failed }) =>
      `('${id}','${newId('atmpt_', at + 50)}','${appId}','${endpointId}','https://example.com/hook',${failed ? '2,0,500' : '0,0,200'},40,'{"ok":true}')`,
  );
  return [
    `INSERT INTO message (app_id, id, event_type, payload, payload_until) VALUES ${messageRows.join(',')}`,
    `INSERT INTO delivery (msg_id, endpoint_id, run, app_id, state, attempts, fence, due_at) VALUES ${deliveryRows.join(',')}`,
    `INSERT INTO attempt (msg_id, id, app_id, endpoint_id, url, status, trigger_type, status_code, duration_ms, response)
     VALUES ${attemptRows.join(',')}`,
  ];
}
