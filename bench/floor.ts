// The hand-written minimum: what nobody can do without who keeps messages in a database before he answers, delivers them and keeps
// how that went. Bare Fastify, multi-row group commits on mysql2, undici. No queue, no retries, no authentication, no idempotency,
// no checks, no log. It shows what the machine and the libraries can do, and is what Posthorn's figures are divided by.
import { createHmac, randomBytes } from 'node:crypto';
import { fastify } from 'fastify';
import mysql from 'mysql2/promise';
import { Agent, request } from 'undici';

const MAX_GROUP_SIZE = 100;
/** Two of each kind at the same time: the next group fills and is sent while the disk works for the one before. */
const GROUPS_AT_ONCE = 2;
const DELIVERIES_AT_ONCE = 256;
const SEND_LIMIT_MS = 15_000;

interface Endpoint {
  id: string;
  url: string;
  key: Buffer;
}

interface Message {
  appId: string;
  id: string;
  eventType: string;
  payload: string;
  endpoints: Endpoint[];
}

interface Result {
  msgId: string;
  endpointId: string;
  attemptId: string;
  statusCode: number;
  durationMs: number;
}

const ID = 'VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL';
const TABLES = [
  `CREATE TABLE message (app_id ${ID}, id ${ID}, event_type VARCHAR(256) NOT NULL, payload MEDIUMTEXT NOT NULL, PRIMARY KEY (app_id, id))`,
  `CREATE TABLE delivery (msg_id ${ID}, endpoint_id ${ID}, state TINYINT NOT NULL, due_at DATETIME(3) NULL,
     PRIMARY KEY (msg_id, endpoint_id), KEY due (due_at))`,
  `CREATE TABLE attempt (msg_id ${ID}, id ${ID}, endpoint_id ${ID}, status_code SMALLINT NOT NULL, duration_ms INT NOT NULL,
     PRIMARY KEY (msg_id, id))`,
];

const pool = mysql.createPool({
  uri: process.env['DATABASE_URL']!,
  connectionLimit: 2 * GROUPS_AT_ONCE,
  multipleStatements: true,
});
const agent = new Agent({ connections: DELIVERIES_AT_ONCE, pipelining: 1 });
const endpoints = new Map<string, Endpoint[]>();

/** Concurrent items as one transaction: whoever comes while the groups under way are full waits for the next; nobody waits for company. */
class Groups<T> {
  private waiting: { item: T; done(): void; failed(error: unknown): void }[] = [];
  private running = 0;
  private readonly packet: (items: T[]) => [sql: string, values: unknown[]];

  constructor(packet: (items: T[]) => [sql: string, values: unknown[]]) {
    this.packet = packet;
  }

  add(item: T): Promise<void> {
    return new Promise((done, failed) => {
      this.waiting.push({ item, done, failed });
      if (this.waiting.length === 1) setImmediate(() => void this.next());
    });
  }

  private async next(): Promise<void> {
    if (this.running === GROUPS_AT_ONCE || this.waiting.length === 0) return;
    const group = this.waiting.splice(0, MAX_GROUP_SIZE);
    this.running++;
    try {
      await commit(...this.packet(group.map(({ item }) => item)));
      for (const { done } of group) done();
    } catch (error) {
      for (const { failed } of group) failed(error);
    }
    this.running--;
    void this.next();
  }
}

async function commit(sql: string, values: unknown[]): Promise<void> {
  const connection = await pool.getConnection();
  try {
    for (let tries = 3; ; tries--) {
      try {
        await connection.query(sql, values);
        return;
      } catch (error) {
        await connection.query('ROLLBACK');
        if ((error as { errno?: number }).errno !== 1213 || tries === 1) throw error;
      }
    }
  } finally {
    connection.release();
  }
}

const messages = new Groups<Message>((group) => {
  const sorted = group.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const rows = sorted.map((m) => [m.appId, m.id, m.eventType, m.payload]);
  const deliveries = sorted.flatMap((m) => m.endpoints.map((endpoint) => [m.id, endpoint.id]));
  const open = deliveries.map(() => '(?, ?, 1, UTC_TIMESTAMP(3) + INTERVAL 45 SECOND)').join(',');
  const insertDeliveries =
    deliveries.length === 0 ? '' : `INSERT INTO delivery (msg_id, endpoint_id, state, due_at) VALUES ${open};`;
  return [
    `BEGIN;INSERT INTO message (app_id, id, event_type, payload) VALUES ?;${insertDeliveries}COMMIT`,
    [rows, ...deliveries.flat()],
  ];
});

const results = new Groups<Result>((group) => {
  const sorted = group.toSorted((a, b) => (a.msgId + a.endpointId < b.msgId + b.endpointId ? -1 : 1));
  return [
    `BEGIN;INSERT INTO attempt (msg_id, id, endpoint_id, status_code, duration_ms) VALUES ?;
     UPDATE delivery FORCE INDEX (PRIMARY) SET state = 2, due_at = NULL WHERE (msg_id, endpoint_id) IN (?);COMMIT`,
    [
      sorted.map((r) => [r.msgId, r.attemptId, r.endpointId, r.statusCode, r.durationMs]),
      // A lone row twice: of a single one MariaDB makes an equality, for which it reads the whole table.
      [...sorted, sorted[0]!].map((r) => [r.msgId, r.endpointId]),
    ],
  ];
});

const outgoing: { message: Message; endpoint: Endpoint }[] = [];
let sending = 0;

function deliver(message: Message): void {
  for (const endpoint of message.endpoints) outgoing.push({ message, endpoint });
  while (sending < DELIVERIES_AT_ONCE && outgoing.length > 0) void sendNext();
}

async function sendNext(): Promise<void> {
  const { message, endpoint } = outgoing.shift()!;
  sending++;
  const startedAt = performance.now();
  const statusCode = await send(message, endpoint);
  sending--;
  if (outgoing.length > 0) void sendNext();
  const attempt = { attemptId: newId('atmpt'), statusCode, durationMs: Math.round(performance.now() - startedAt) };
  await results.add({ msgId: message.id, endpointId: endpoint.id, ...attempt });
}

async function send({ id, payload }: Message, { url, key }: Endpoint): Promise<number> {
  const seconds = String(Math.floor(Date.now() / 1000));
  const signature = createHmac('sha256', key).update(`${id}.${seconds}.${payload}`).digest('base64');
  const headers = {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': seconds,
    'webhook-signature': `v1,${signature}`,
  };
  const limits = { headersTimeout: SEND_LIMIT_MS, bodyTimeout: SEND_LIMIT_MS };
  try {
    const answer = await request(url, { method: 'POST', headers, body: payload, dispatcher: agent, ...limits });
    await answer.body.dump();
    return answer.statusCode;
  } catch {
    return 0;
  }
}

let counter = 0;

/** Sorted by time, as every sensible key is. */
function newId(prefix: string): string {
  counter = (counter + 1) % 36 ** 4;
  return `${prefix}_${Date.now().toString(36)}${counter.toString(36).padStart(4, '0')}${randomBytes(6).toString('hex')}`;
}

interface AppRoute {
  Params: { app: string };
}

const server = fastify({ logger: false });
server.get('/health/ready', async () => ({ status: 'ok' }));
server.post('/api/v1/app', async (_request, reply) => {
  const id = newId('app');
  endpoints.set(id, []);
  return reply.code(201).send({ id });
});
server.post<AppRoute & { Body: { url: string } }>('/api/v1/app/:app/endpoint', async ({ params, body }, reply) => {
  const endpoint = { id: newId('ep'), url: body.url, key: randomBytes(24) };
  endpoints.get(params.app)!.push(endpoint);
  return reply.code(201).send({ id: endpoint.id });
});
server.post<AppRoute & { Body: { eventType: string; payload: unknown } }>(
  '/api/v1/app/:app/msg',
  async ({ params, body }, reply) => {
    const { eventType } = body;
    const own = endpoints.get(params.app)!;
    const message = { appId: params.app, id: newId('msg'), eventType, payload: JSON.stringify(body.payload), endpoints: own };
    await messages.add(message);
    setImmediate(() => deliver(message));
    return reply.code(202).send({ id: message.id, eventType, timestamp: new Date() });
  },
);

for (const table of TABLES) await pool.query(table);
await server.listen({ port: Number(process.env['PORT']), host: '127.0.0.1' });
