import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { newId } from '../../src/domain/ids.js';
import { startApp, type TestApp } from '../support/app.js';
import { startChild } from '../support/child.js';
import { aMessage, anApplication, anEndpoint } from '../support/factories.js';
import { programOf } from '../support/process.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { until } from '../support/until.js';

const WAIT_MS = 60_000;
const HOUR_MS = 3_600_000;

/** The command as operators run it: a process of its own, beside the service, with no secret but the database's. */
describe('where', () => {
  let app: TestApp;
  let receiver: Receiver;
  let answer = 200 as number | 'hang';

  beforeAll(async () => {
    app = await startApp({ RETRY_SCHEDULE: '3600' });
    receiver = await startReceiver(() => {
      if (answer === 'hang') return { status: 200, hang: true };
      return { status: answer, body: `said ${answer}\u001b[2J` };
    });
  });
  afterAll(() => Promise.all([app?.stop(), receiver?.stop()]));

  const run = (...args: string[]) => runOn(app.env.DATABASE_URL ?? '', ...args);
  const runOn = async (DATABASE_URL: string, ...args: string[]) => {
    const { PATH = '' } = process.env;
    const { DATA_DIR } = app.env;
    const child = startChild(process.execPath, [programOf('this build', 'cli.js'), 'where', ...args], {
      PATH,
      DATA_DIR: DATA_DIR!,
      DATABASE_URL,
      NODE_ENV: DATABASE_URL === '' ? '' : 'production',
    });
    const { code } = await child.exited;
    return { code, text: child.lines.join('\n') };
  };
  const story = async (id: string) => {
    const { code, text } = await run(id, '--json');
    if (code !== 0) throw new Error(text);
    return JSON.parse(text);
  };
  /** Waits until the one delivery of a message is somewhere. */
  const at = (place: string, id: string) =>
    until(
      async () => {
        const found = await story(id);
        return found.endpoints[0]?.deliveries[0]?.place === place && found;
      },
      WAIT_MS,
      `the delivery to be ${place}`,
    );
  const sql = (statement: string, values: unknown[]) => app.nest.get(DataSource).query(statement, values);
  const secondAgo = () => new Date(Date.now() - 1_000).toISOString().replace('T', ' ').slice(0, 23);
  const withEndpoint = async (overrides = {}) => {
    const { id: appId } = await anApplication(app);
    const { id: endpointId } = await anEndpoint(app, appId, { url: receiver.url, ...overrides });
    return { appId, endpointId };
  };

  it('tells of a delivered message, of each attempt, and of endpoints that did not get it', async () => {
    answer = 200;
    for (const name of ['order.paid', 'other']) await app.api.post('/event-type', { name, description: name });
    const { appId, endpointId } = await withEndpoint();
    const filtered = await anEndpoint(app, appId, { filterTypes: ['other'] });
    const channels = await anEndpoint(app, appId, { channels: ['b'] });
    const disabled = await anEndpoint(app, appId, { disabled: true });
    const deleted = await anEndpoint(app, appId);
    await app.api.delete(`/app/${appId}/endpoint/${deleted.id}`);
    const { id } = await aMessage(app, appId, { channels: ['a'], tags: ['eu'], eventId: `event-${newId('msg_')}` });
    const later = await anEndpoint(app, appId);
    const found = await at('delivered', id);

    expect(found).toMatchObject({
      message: { id, eventType: 'order.paid', channels: ['a'], tags: ['eu'], deliverAt: null, payload: { kept: true } },
      application: { id: appId, name: 'Shop', deleted: false },
      organization: app.orgId,
      endpoints: [
        {
          id: endpointId,
          host: new URL(receiver.url).host,
          deliveries: [{ place: 'delivered', text: 'answered 200', run: 0, manual: false, attempts: 1, dueAt: null }],
          attempts: [{ statusCode: 200, succeeded: true, trigger: 'scheduled', response: expect.stringContaining('said 200') }],
        },
      ],
      deadLetters: [],
      incomplete: [],
    });
    const whys = Object.fromEntries(found.withoutDelivery.map((one: any) => [one.id, one.why]));
    expect(whys).toEqual({
      [filtered.id]: 'filtered out by event type: it takes other, and this is order.paid',
      [channels.id]: 'filtered out by channel: it takes b, and the message has a',
      [disabled.id]: 'disabled',
      [deleted.id]: expect.stringMatching(/^deleted before, at 20/),
      [later.id]: expect.stringMatching(/^created later, at 20/),
    });
  });

  it('tells it in words, one fact a line, without what a terminal would obey', async () => {
    answer = 500;
    const { appId, endpointId } = await withEndpoint();
    const { id } = await aMessage(app, appId);
    await at('retry', id);
    const { code, text } = await run(id);

    expect(code).toBe(0);
    expect(text).toMatch(new RegExp(`^Message ${id}\n  accepted +20`));
    expect(text).toContain(`application  ${appId} (name "Shop")`);
    expect(text).toContain('deliveries   to 1 endpoint\n');
    expect(text).toMatch(
      new RegExp(`\nEndpoint ${endpointId} \\(127[^)]*\\)\n  retry: attempt 2 is planned for 20[^\n]*Z\n    automatic, run 0`),
    );
    expect(text).toMatch(/\n    20\S+Z  500 in \d+ ms  scheduled  atmpt_\w+  said 500 \[2J/);
    expect(text).not.toContain('\u001b');
  });

  it.each([
    ['scheduled', () => ({}), () => ({ deliverAt: new Date(Date.now() + HOUR_MS) }), 200],
    ['claimed', () => ({}), () => ({}), 'hang'],
    ['failed', () => ({}), () => ({}), 410],
  ] as const)('tells of a %s delivery', async (place, ofEndpoint, ofMessage, answers) => {
    answer = answers;
    const { appId } = await withEndpoint(ofEndpoint());
    const { id } = await aMessage(app, appId, ofMessage());

    expect(await at(place, id)).toBeTruthy();
  });

  it('tells of deliveries that wait for their turn under a rate', async () => {
    answer = 200;
    const { appId } = await withEndpoint({ throttleRate: 1 });
    const ids = await Promise.all(Array.from({ length: 20 }, async () => (await aMessage(app, appId)).id as string));

    const places = await until(
      async () => {
        const found = await Promise.all(ids.slice(-2).map(async (id) => (await story(id)).endpoints[0].deliveries[0].place));
        return found.includes('throttled') && found;
      },
      WAIT_MS,
      'one to be throttled',
    );
    expect(places).toContain('throttled');
  });

  it('tells of a delivery that was dropped, because its endpoint was disabled meanwhile', async () => {
    const { appId, endpointId } = await withEndpoint();
    const { id } = await aMessage(app, appId, { deliverAt: new Date(Date.now() + HOUR_MS) });
    await app.api.patch(`/app/${appId}/endpoint/${endpointId}`, { disabled: true });
    await sql('UPDATE delivery SET due_at = ? WHERE msg_id = ?', [secondAgo(), id]);
    const found = await at('dropped', id);

    expect(found.endpoints[0]).toMatchObject({
      disabled: true,
      deliveries: [{ text: expect.stringContaining('the endpoint was disabled'), reason: 'endpoint disabled', attempts: 0 }],
      attempts: [],
    });
  });

  it('tells of a dead letter', async () => {
    const { appId, endpointId } = await withEndpoint();
    const { id } = await aMessage(app, appId, { deliverAt: new Date(Date.now() + HOUR_MS) });
    await sql('UPDATE delivery SET fence = 10, due_at = ? WHERE msg_id = ?', [secondAgo(), id]);
    const found = await at('dead letter', id);

    expect(found.deadLetters).toMatchObject([{ id: `${id}:${endpointId}:0`, endpointId, reason: 'worker lost' }]);
    expect((await run(id)).text).toMatch(/\nDead letters\n  msg_\w+:ep_\w+:0: worker lost, since 20/);
  });

  it('tells of a manual attempt beside the automatic delivery', async () => {
    answer = 500;
    const { appId, endpointId } = await withEndpoint();
    const { id } = await aMessage(app, appId);
    await at('retry', id);
    answer = 200;
    await app.api.post(`/app/${appId}/msg/${id}/endpoint/${endpointId}/resend`, {});
    const found = await at('delivered', id);

    expect(found.endpoints[0].deliveries).toMatchObject([
      { run: 0, text: expect.stringContaining('a manual attempt delivered it') },
      { manual: true, place: 'delivered', text: 'answered 200' },
    ]);
    expect(found.endpoints[0].attempts.map(({ trigger, statusCode }: any) => `${trigger} ${statusCode}`)).toEqual([
      'scheduled 500',
      'manual 200',
    ]);
  });

  it('finds a message that no endpoint was to get, with and without its application', async () => {
    const { id: appId } = await anApplication(app);
    const { id } = await aMessage(app, appId);

    expect(await story(id)).toMatchObject({ application: { id: appId }, endpoints: [], withoutDelivery: [] });
    const { code, text } = await run(id, '--app', appId);
    expect({ code, text }).toMatchObject({ code: 0, text: expect.stringContaining('deliveries   none') });
  });

  it('prints no payload, secret, header or URL beyond its host', async () => {
    answer = 200;
    const marker = (name: string) => `${name}-${randomBytes(8).toString('hex')}`;
    const hidden = {
      payload: marker('payload'),
      header: marker('header'),
      user: marker('user'),
      path: marker('path'),
      query: marker('query'),
    };
    const url = new URL(`${receiver.url}/${hidden.path}?q=${hidden.query}`);
    url.password = hidden.user;
    const secret = `whsec_${randomBytes(24).toString('base64')}`;
    const { appId, endpointId } = await withEndpoint({ url: url.href, secret, headers: { 'x-custom': hidden.header } });
    const { id } = await aMessage(app, appId, { payload: { text: hidden.payload } });
    await at('delivered', id);
    const [{ sealed }] = (await sql('SELECT secrets FROM endpoint WHERE id = ?', [endpointId])).flatMap((row: any) =>
      JSON.parse(row.secrets),
    );

    for (const text of [(await run(id)).text, (await run(id, '--json')).text]) {
      for (const value of [...Object.values(hidden), secret.slice(6), sealed]) expect(text).not.toContain(value);
    }
  });

  it('ends with 1 if it could not look', async () => {
    const { code, text } = await runOn('mysql://root@127.0.0.1:1/posthorn', newId('msg_'));

    expect({ code, text }).toEqual({ code: 1, text: expect.stringContaining('ECONNREFUSED') });
  });

  it.each([
    [0, 'Usage: node dist/cli.js where msg_id', () => ['--help']],
    [3, 'There is no message', () => [newId('msg_')]],
    [3, 'There is no message', () => [newId('msg_'), '--json']],
    [3, 'Without --app, all applications are searched', () => [newId('msg_'), '--app', newId('app_')]],
    [2, '"msg_1" is not a message id', () => ['msg_1']],
    [2, '"" is not a message id', () => ['']],
    [2, 'Usage: node dist/cli.js where msg_id', () => []],
    [2, 'is not an application id', () => [newId('msg_'), '--app', 'shop']],
    [2, '--verbose', () => [newId('msg_'), '--verbose']],
  ])('ends with %i and says "%s"', async (code, words, args) => {
    expect(await run(...args())).toEqual({ code, text: expect.stringContaining(words) });
  });
});
