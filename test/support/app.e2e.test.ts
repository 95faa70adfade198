import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from './app.js';
import { aMessage, anApplication, anEndpoint } from './factories.js';
import { startProcess } from './process.js';
import { startReceiver, type Receiver } from './receiver.js';
import { until } from './until.js';

describe('what the tests start', () => {
  let app: TestApp;
  let receiver: Receiver;
  beforeAll(async () => {
    [app, receiver] = await Promise.all([startApp(), startReceiver()]);
  });
  afterAll(async () => {
    await app.stop();
    await receiver.stop();
  });

  it('delivers, in this process', async () => {
    const { id } = await anApplication(app);
    await anEndpoint(app, id, { url: receiver.url });
    const message = await aMessage(app, id);

    const [delivered] = await receiver.got(1);
    expect(delivered!.headers['webhook-id']).toBe(message.id);
    const logged = () => app.log.map((line) => JSON.parse(line)).find(({ msg }) => msg === 'delivery.attempted');
    expect(await until(logged, 5_000, 'the line in the log')).toMatchObject({ msgId: message.id });
  });

  it('speaks to it with either client', async () => {
    for (const client of [app.svix(), app.svix1()]) {
      const { id } = await client.application.create({ name: 'By a client' });
      expect(await app.api.get(`/app/${id}`)).toMatchObject({ status: 200, body: { id, name: 'By a client' } });
    }
  });

  it('keeps tenants apart by their tokens', async () => {
    const { id } = await anApplication(app);

    expect(await app.as(app.tokenFor('org_other')).get(`/app/${id}`)).toMatchObject({ status: 404 });
    expect(await app.as(app.appTokenFor(id)).get(`/app/${id}/endpoint`)).toMatchObject({ status: 200 });
    expect(await app.root.get('/api/v1/app')).toMatchObject({ status: 401 });
  });

  it('runs as a process of its own, until it is told to end', async () => {
    // An embedded database belongs to one process. A worker would end its long poll first.
    const running = await startProcess({ ...app.env, DATA_DIR: `${app.env['DATA_DIR']}/process` }, { role: 'api' });

    expect((await fetch(`${running.url}/health`)).status).toBe(200);
    expect(await running.stop()).toEqual({ code: 0, signal: null });
    expect(running.log.map((line) => JSON.parse(line).msg)).toContain('server.listening');
  });

  it('says why a process did not start', async () => {
    const failure = startProcess({ ...app.env, RETRY_SCHEDULE: 'soon' });

    await expect(failure).rejects.toThrow(/ended before it was ready\n.*RETRY_SCHEDULE/);
  });
});
