import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import mysql from 'mysql2/promise';
import { anApplication, anEndpoint } from '../support/factories.js';
import { ownDatabase } from '../support/parts.js';
import { startReceiver } from '../support/receiver.js';
import { startMariaDb, type Service } from '../support/services.js';
import { until } from '../support/until.js';
import { startCustomer, type Customer } from './customer.js';
import { anInstallation, type Installation, type Server } from './installation.js';

const HEALTH_MS = 30_000;
/** A lease is the time limit of a delivery and 30 s. */
const LEASES_ARE_OVER_MS = 36_000;

let database: Service;
let installation: Installation;
let customer: Customer;

const start = async (options: readonly string[] = []) => {
  database = await startMariaDb(options);
  customer = await startCustomer();
};
afterEach(async () => {
  await installation?.remove();
  await customer?.stop();
  await database?.stop();
});

const asRoot = async (sql: string, at = database.url) => {
  const connection = await mysql.createConnection({ uri: at, multipleStatements: true });
  return connection.query(sql).finally(() => connection.destroy());
};
const health = async (server: Server) => (await fetch(`${server.url}/health`)).status;
const healthBecomes = (server: Server, status: number) =>
  until(async () => (await health(server)) === status, HEALTH_MS, `health to be ${status}`);
const anAppWithEndpoint = async (server: Server) => {
  const { id } = await anApplication(server);
  await anEndpoint(server, id, { url: customer.url });
  return id as string;
};
const post = (server: Server, appId: string, size = 10) =>
  server.api.post(`/app/${appId}/msg`, { eventType: 'a', payload: { text: 'x'.repeat(size) } });
const lines = (server: Server, event: string) =>
  server.log.filter((line) => line.includes(`"${event}"`)).map((line) => JSON.parse(line));
const refused = {
  status: 503,
  headers: { 'retry-after': '1' },
  body: { code: 'service_unavailable', detail: 'The database can not write at the moment; try again' },
};

/**
 * A table takes no more rows, as on a full disk: the server answers with the error that InnoDB gives when a file can't grow. `full-disk` has a
 * disk that is really full, where it can't be said which table has no space.
 */
describe('a full disk', () => {
  beforeEach(() => start());

  const isFull = (name: string, table: string) =>
    asRoot(`CREATE TRIGGER ${name}.full_${table} BEFORE INSERT ON ${name}.${table} FOR EACH ROW
      SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = 1114, MESSAGE_TEXT = 'The table is full'`);
  const hasSpace = (name: string, table: string) => asRoot(`DROP TRIGGER ${name}.full_${table}`);

  it('is a 503, said once, and makes health red until there is space again, although the probe finds room', async () => {
    installation = await anInstallation(
      { DELIVERY_TIMEOUT_SECONDS: '5' },
      { database: await ownDatabase(database.url, 'full_up') },
    );
    const server = await installation.start();
    const appId = await anAppWithEndpoint(server);
    await healthBecomes(server, 200);

    await isFull('full_up', 'message');
    const answers = await Promise.all(Array.from({ length: 20 }, () => post(server, appId)));
    for (const answer of answers) expect(answer).toMatchObject(refused);
    await healthBecomes(server, 503);
    expect(await post(server, appId)).toMatchObject(refused);
    expect(lines(server, 'database.not_writable')).toMatchObject([
      { level: 'error', reason: 'full', errorCode: 'ER_RECORD_FILE_FULL' },
    ]);
    expect(lines(server, 'http.unavailable')).toEqual([]);

    await hasSpace('full_up', 'message');
    await healthBecomes(server, 200);
    expect((await post(server, appId)).status).toBe(202);
  });

  it('while deliveries are under way loses none: two processes send each at most twice, and go on by themselves', async () => {
    const sent = new Map<string, number>();
    let isSlow = true;
    const slow = await startReceiver(({ headers }) => {
      const id = String(headers['webhook-id']);
      sent.set(id, (sent.get(id) ?? 0) + 1);
      return { status: 200, delayMs: isSlow ? 2_000 : 0 };
    });
    try {
      const env = { DELIVERY_TIMEOUT_SECONDS: '3', HANDOFF: '50' };
      installation = await anInstallation(env, { database: await ownDatabase(database.url, 'full_settles') });
      const servers = [await installation.start(), await installation.start()];
      const { id: appId } = await anApplication(servers[0]!);
      for (let left = 10; left > 0; left--) await anEndpoint(servers[0]!, appId, { url: slow.url });
      await Promise.all(servers.map((server) => healthBecomes(server, 200)));
      const ids = await Promise.all(
        Array.from({ length: 6 }, (_, at) => post(servers[at % 2]!, appId).then(({ body }) => body.id as string)),
      );
      await slow.got(5);

      const started = Date.now();
      await isFull('full_settles', 'attempt');
      isSlow = false;
      await Promise.all(servers.map((server) => healthBecomes(server, 503)));
      // Longer than the leases: whoever stopped must not send again what it holds.
      await until(() => Date.now() > started + LEASES_ARE_OVER_MS, LEASES_ARE_OVER_MS * 2, 'the leases to be over');
      for (const server of servers) expect(lines(server, 'delivery.settle_given_up')).toEqual([]);

      await hasSpace('full_settles', 'attempt');
      await Promise.all(servers.map((server) => healthBecomes(server, 200)));
      const open = async () =>
        (
          (await asRoot('SELECT COUNT(*) AS open FROM full_settles.delivery WHERE due_at IS NOT NULL'))[0] as { open: number }[]
        )[0]!.open;
      await until(async () => Number(await open()) === 0, 90_000, 'all to be settled');
      // Ten endpoints get each message, and a delivery may be sent twice.
      for (const id of ids) expect(sent.get(id)).toBeGreaterThanOrEqual(10);
      for (const id of ids) expect(sent.get(id)).toBeLessThanOrEqual(20);
    } finally {
      await slow.stop();
    }
  });
});

describe('a database that is too slow for a batch', () => {
  beforeEach(() => start());

  it('refuses it once, after 8 s and not after three tries, with nothing stored; a smaller one is accepted', async () => {
    installation = await anInstallation({ HANDOFF: 'off' }, { database: await ownDatabase(database.url, 'slow') });
    const server = await installation.start({ role: 'api' });
    const { id: appId } = await anApplication(server);
    for (let left = 10; left > 0; left--) await anEndpoint(server, appId, { url: customer.url });
    await healthBecomes(server, 200);
    // 2,000 deliveries a statement, so 3.2 s each, and 16 s for all.
    await asRoot('CREATE TRIGGER slow.slow BEFORE INSERT ON slow.delivery FOR EACH ROW DO SLEEP(0.0016)');
    const send = (count: number) =>
      server.api.post(`/app/${appId}/msg/batch`, {
        messages: Array.from({ length: count }, (_, at) => ({ eventType: 'a', eventId: `e${at}`, payload: {} })),
      });

    const answer = await send(1_000);
    expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': '1' }, body: { code: 'service_unavailable' } });
    for (const table of ['message', 'delivery', 'message_event'])
      expect(await installation.sql(`SELECT COUNT(*) AS found FROM ${table}`)).toEqual([{ found: 0 }]);
    const tries = server.log.filter((line) => line.includes('not written within 8000 ms'));
    expect(tries.length).toBeLessThanOrEqual(1);
    expect((await send(100)).status).toBe(202);
  });
});

describe('a database whose limits are too small', () => {
  beforeEach(() => start(['--max-allowed-packet=1M']));

  it('ends a process at its start, which says what to set', async () => {
    installation = await anInstallation({}, { database: await ownDatabase(database.url, 'small') });
    const server = await installation.start({ untilReady: false });
    expect(await server.exited).toEqual({ code: 1, signal: null });
    expect(server.log.join('\n')).toContain('set max_allowed_packet to at least 10485760, it is 1048576');
  });
});

describe('a fail-over', () => {
  beforeEach(() => start());

  /**
   * Connections that are open now are refused all writes, as by a writer that became a reader; new connections may write, as those that find
   * the new writer by its name. MariaDB looks at this right when a connection is made.
   */
  async function failOver(dataUrl: string): Promise<number> {
    const user = new URL(dataUrl).username;
    const [rows] = await asRoot(`SELECT MAX(id) AS last FROM information_schema.processlist WHERE user = '${user}'`);
    await asRoot(`SET GLOBAL read_only = 1; GRANT READ_ONLY ADMIN ON *.* TO '${user}'@'%'`);
    return Number((rows as { last: number }[])[0]!.last);
  }

  async function connectionsBefore(last: number, dataUrl: string): Promise<number> {
    const user = new URL(dataUrl).username;
    const [rows] = await asRoot(
      `SELECT COUNT(*) AS count FROM information_schema.processlist WHERE user = '${user}' AND id <= ${last}`,
    );
    return Number((rows as { count: number }[])[0]!.count);
  }

  it('leaves no connection at a server that only reads now: all are given up, and the next ones find the writer', async () => {
    const own = await ownDatabase(database.url, 'failing_over');
    installation = await anInstallation({ DELIVERY_TIMEOUT_SECONDS: '5' }, { database: own });
    const server = await installation.start();
    const appId = await anAppWithEndpoint(server);
    await healthBecomes(server, 200);
    // Both pools have many connections.
    await Promise.all(Array.from({ length: 30 }, () => Promise.all([post(server, appId), server.api.get('/app')])));

    const last = await failOver(own.dataUrl);
    await until(async () => (await post(server, appId)).status === 202, HEALTH_MS, 'a message to be accepted by the new writer');

    const answers = await Promise.all(Array.from({ length: 50 }, () => post(server, appId)));
    const made = await Promise.all(Array.from({ length: 20 }, () => server.api.post('/app', { name: 'New' })));
    expect([...answers, ...made].filter(({ status }) => status >= 400)).toEqual([]);
    await healthBecomes(server, 200);
    await until(async () => (await connectionsBefore(last, own.dataUrl)) === 0, HEALTH_MS, 'the old connections to be closed');
    const ids = answers.map(({ body }) => body.id);
    await until(() => ids.every((id) => customer.taken.has(id)), 60_000, 'all messages');
    expect(customer.takenTwice()).toEqual([]);
  });

  it('that ends where it began, a setting say, is over when the server writes again', async () => {
    installation = await anInstallation(
      { DELIVERY_TIMEOUT_SECONDS: '5' },
      { database: await ownDatabase(database.url, 'read_only') },
    );
    const server = await installation.start();
    const appId = await anAppWithEndpoint(server);
    await healthBecomes(server, 200);

    await asRoot('SET GLOBAL read_only = 1');
    await healthBecomes(server, 503);
    expect(await post(server, appId)).toMatchObject(refused);
    expect((await server.api.get(`/app/${appId}`)).status).toBe(200);
    expect(lines(server, 'database.not_writable')).toMatchObject([
      { level: 'warn', reason: 'readOnly', errorCode: 'ER_OPTION_PREVENTS_STATEMENT' },
    ]);

    await asRoot('SET GLOBAL read_only = 0');
    await healthBecomes(server, 200);
    expect((await post(server, appId)).status).toBe(202);
  });
});
