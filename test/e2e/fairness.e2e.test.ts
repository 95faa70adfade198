import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { DataSource } from 'typeorm';
import { startApp, type Overrides, type TestApp } from '../support/app.js';
import type { Api } from '../support/api.js';
import { aMessage, anApplication, anEndpoint, randomOrgId } from '../support/factories.js';
import { startReceiver, type Receiver } from '../support/receiver.js';

jest.setTimeout(180_000);
const WAIT_MS = 60_000;
/** Longer than a test: what hangs goes on hanging until its end. */
const LONG = { DELIVERY_TIMEOUT_SECONDS: '30', RETRY_SCHEDULE: '' };
const HANGING = 40;

const open: { stop(): Promise<void> }[] = [];
// The receivers first: what hangs ends with them.
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.stop();
});

async function anApp(overrides: Overrides): Promise<TestApp> {
  const app = await startApp({ DELIVERY_CONCURRENCY: '160', ...LONG, ...overrides });
  open.push(app);
  return app;
}

async function aReceiver(hang: (n: number) => boolean): Promise<Receiver> {
  const receiver = await startReceiver((_request, n) => ({ status: 200, hang: hang(n) }));
  open.push(receiver);
  return receiver;
}

async function appTo({ url }: Receiver, at: { api: Api }): Promise<string> {
  const { id } = await anApplication(at);
  await anEndpoint(at, id, { url });
  return id;
}

/** Messages to each of them, in turn. */
async function flood(at: { api: Api }, appIds: readonly string[], each: number): Promise<void> {
  for (let n = 0; n < each; n++) await Promise.all(appIds.map((appId) => aMessage(at, appId)));
}

/** No more came than may be under way: so none of them has come to its end. */
const stillHang = (hanging: Receiver, count: number) => expect(hanging.received.length).toBeLessThanOrEqual(count);

describe.each(['100', '0'])('endpoints that hang, with %s %% handed over inside the process', (HANDOFF) => {
  it('all together leave the permits to an endpoint that is known and to one that is new', async () => {
    const app = await anApp({ HANDOFF });
    const hanging = await aReceiver(() => true);
    const healthy = await aReceiver(() => false);
    const known = await appTo(healthy, app);
    await aMessage(app, known);
    await healthy.got(1, WAIT_MS);
    const appIds = await Promise.all(Array.from({ length: HANGING }, () => appTo(hanging, app)));
    await flood(app, appIds, 8);
    await hanging.got(HANGING, WAIT_MS);

    await aMessage(app, known);
    await aMessage(app, await appTo(healthy, app));
    await healthy.got(3, WAIT_MS);

    // Half of the permits.
    stillHang(hanging, 80);
  });

  it('of one organisation leave the permits to another', async () => {
    const app = await anApp({ HANDOFF, DELIVERY_CONCURRENCY: '32' });
    const hanging = await aReceiver(() => true);
    const healthy = await aReceiver(() => false);
    const other = { api: app.as(app.tokenFor(randomOrgId())) };
    const appIds = await Promise.all(Array.from({ length: 4 }, () => appTo(hanging, app)));
    await flood(app, appIds, 40);
    await hanging.got(4, WAIT_MS);

    await aMessage(other, await appTo(healthy, other));
    await healthy.got(1, WAIT_MS);

    stillHang(hanging, 16);
  });

  it('that answered until now leave the permits to others as well', async () => {
    const app = await anApp({ HANDOFF });
    let hang = false;
    const hanging = await aReceiver(() => hang);
    const healthy = await aReceiver(() => false);
    const appIds = await Promise.all(Array.from({ length: HANGING }, () => appTo(hanging, app)));
    await flood(app, appIds, 1);
    await hanging.got(HANGING, WAIT_MS);
    hang = true;
    await flood(app, appIds, 8);

    await aMessage(app, await appTo(healthy, app));
    await healthy.got(1, WAIT_MS);

    stillHang(hanging, HANGING + 160);
  });

  it('and answer again get what waited for them while the requests that hang still do', async () => {
    const app = await anApp({ HANDOFF });
    const recovering = await aReceiver((n) => n < 3);
    await flood(app, [await appTo(recovering, app)], 30);
    await recovering.got(30, WAIT_MS);

    expect(new Set(recovering.received.map(({ headers }) => headers['webhook-id'])).size).toBe(30);
    expect(recovering.received).toHaveLength(30);
  });
});

describe('a process that starts behind a backlog of endpoints that hang', () => {
  it('finds due deliveries of others, and delivers to a new endpoint', async () => {
    // Scheduled messages wait in the database alone.
    const app = await anApp({ HANDOFF: '0' });
    const hanging = await aReceiver(() => true);
    const healthy = await aReceiver(() => false);
    const appIds = await Promise.all(Array.from({ length: HANGING }, () => appTo(hanging, app)));
    const last = await appTo(healthy, app);
    const deliverAt = new Date(Date.now() + 3_600_000).toISOString();
    for (let n = 0; n < 20; n++) await Promise.all(appIds.map((appId) => aMessage(app, appId, { deliverAt })));
    await aMessage(app, last, { deliverAt });

    // All due at once, the healthy one's last.
    const database = app.nest.get(DataSource);
    await database.query('UPDATE delivery SET due_at = ? WHERE app_id <> ?', [secondsAgo(20), last]);
    await database.query('UPDATE delivery SET due_at = ? WHERE app_id = ?', [secondsAgo(1), last]);
    await aMessage(app, await appTo(healthy, app));
    await healthy.got(2, WAIT_MS);

    stillHang(hanging, 80);
  });
});

/** As the database keeps it. */
function secondsAgo(seconds: number): string {
  return new Date(Date.now() - seconds * 1_000).toISOString().replace('T', ' ').replace('Z', '');
}
