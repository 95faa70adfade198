import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { aMessage, anApplication, anEndpoint } from '../support/factories.js';
import { until } from '../support/until.js';
import { startCustomer, type Customer } from './customer.js';
import { anInstallation, EMBEDDED, type Installation, type Server } from './installation.js';

const NEIGHBOURS = 2;
/** Five crashes beside others, and one alone. */
const MAX_CRASHES = 6;

describe('a delivery that kills its worker', () => {
  let installation: Installation;
  let customer: Customer;
  let server: Server;
  let kills: number;
  let killersLeft: number;
  /** All messages are accepted, and the process that is to be killed is known. */
  let armed: PromiseWithResolvers<void>;

  beforeEach(async () => {
    kills = 0;
    armed = Promise.withResolvers();
    killersLeft = Number.POSITIVE_INFINITY;
    customer = await startCustomer(({ path }) => {
      if (path.endsWith('/killer') && killersLeft > 0) {
        killersLeft--;
        kills++;
        void armed.promise.then(() => server.kill());
        return { status: 0, hang: true };
      }
      // The neighbours are under way when the process dies, as long as there are such deaths.
      return { status: 200, delayMs: kills < 5 ? 1_500 : 0 };
    });
    installation = await anInstallation({ ...EMBEDDED, DELIVERY_TIMEOUT_SECONDS: '5', HANDOFF: '100' });
  });
  afterEach(async () => {
    await installation?.remove();
    await customer?.stop();
  });

  /** The rows as they are in the file of the database. */
  function sql<Row>(text: string): Row[] {
    const file = new Sqlite(join(installation.env['DATA_DIR']!, 'posthorn.sqlite'), { timeout: 5_000 });
    try {
      const statement = file.prepare(text);
      return (statement.reader ? statement.all() : (statement.run(), [])) as Row[];
    } finally {
      file.close();
    }
  }
  const openDeliveries = () => sql<{ open: number }>('SELECT COUNT(*) AS open FROM delivery WHERE due_at IS NOT NULL')[0]!.open;
  const endTheWait = () =>
    sql(
      "UPDATE delivery SET due_at = '2020-01-01 00:00:00.000' WHERE state = 0 AND fence - attempts = 6 AND due_at > strftime('%Y-%m-%d %H:%M:%f', 'now', '+90 seconds')",
    );

  /** One message for the killer and for each neighbour, each with an endpoint of its own. Then whatever dies is started again. */
  async function runUntilSettled(): Promise<{ killer: string; neighbours: string[] }> {
    server = await installation.start();
    const made: string[] = [];
    for (const path of ['killer', ...Array.from({ length: NEIGHBOURS }, (_, at) => `neighbour-${at}`)]) {
      const { id: appId } = await anApplication(server);
      await anEndpoint(server, appId, { url: customer.url.replace('/hook', `/${path}`) });
      made.push(appId);
    }
    const ids = await Promise.all(made.map((appId) => aMessage(server, appId).then(({ id }) => id as string)));
    armed.resolve();
    await until(
      async () => {
        const ended = await Promise.race([
          server.exited.then(() => true),
          new Promise<false>((no) => setTimeout(() => no(false), 50)),
        ]);
        if (ended) {
          armed = Promise.withResolvers();
          server = await installation.start();
          armed.resolve();
        }
        endTheWait();
        return openDeliveries() === 0;
      },
      60_000,
      'all deliveries to be settled',
    ).catch((error: Error) => {
      throw new Error(`${error.message}\n${JSON.stringify(sql('SELECT * FROM delivery'))}\n${server.log.slice(-20).join('\n')}`);
    });
    return { killer: ids[0]!, neighbours: ids.slice(1) };
  }

  it('ends as "worker lost" after a bounded number of crashes, and what was under way beside it is delivered', async () => {
    const { killer, neighbours } = await runUntilSettled();

    expect(kills).toBe(MAX_CRASHES);
    const rows = sql<{ msg_id: string; state: number; reason: string | null }>('SELECT msg_id, state, reason FROM delivery');
    expect(rows.find(({ msg_id: id }) => id === killer)).toMatchObject({ state: 3, reason: 'worker lost' });
    for (const id of neighbours) {
      expect(rows.find(({ msg_id: other }) => other === id)).toMatchObject({ state: 2 });
      expect(customer.taken.has(id)).toBe(true);
    }
    expect(sql<{ msg_id: string }>('SELECT msg_id FROM dead_letter').map(({ msg_id: id }) => id)).toEqual([killer]);
  });

  it('only as it seems, because something else killed the worker five times, is delivered when it is tried alone', async () => {
    killersLeft = 5;
    const { killer, neighbours } = await runUntilSettled();

    expect(sql('SELECT * FROM dead_letter')).toEqual([]);
    for (const id of [killer, ...neighbours]) expect(customer.taken.has(id)).toBe(true);
    const alone = server.log.filter((line) => line.includes('"delivery.alone"'));
    expect(alone.length).toBeGreaterThanOrEqual(1);
  });
});
