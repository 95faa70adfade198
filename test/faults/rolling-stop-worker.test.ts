import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { LocalHandOff } from '../../src/delivery/local-hand-off.js';
import { Permits } from '../../src/delivery/permits.js';
import { Worker } from '../../src/delivery/worker.js';
import { startApp, type Overrides, type TestApp } from '../support/app.js';
import { aMessage, anApplication, anEndpoint } from '../support/factories.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { until } from '../support/until.js';

describe('a worker that stops', () => {
  let receiver: Receiver;
  let app: TestApp;
  let hang: boolean;

  beforeEach(async () => {
    hang = true;
    receiver = await startReceiver(() => ({ status: 200, hang }));
  });
  afterEach(async () => {
    await app?.stop();
    await receiver.stop();
  });

  const start = async (overrides: Overrides) => {
    app = await startApp(overrides);
    return app.nest.get(Worker);
  };

  it('waits for permits that an open group commit has taken', async () => {
    const worker = await start({});
    const handOff = app.nest.get(LocalHandOff);
    await until(() => handOff.open, 10_000, 'the worker to run');
    // Not through the hand-off, which gives no permits while the event loop is late, as on a slow machine.
    const permit = { orgId: 'org_1', appId: 'app_1', endpointId: 'ep_1' };
    app.nest.get(Permits).take(permit, 'handoff');
    let stopped = false;

    const stopping = worker.stop('SIGTERM').then(() => (stopped = true));
    await until(() => !handOff.open, 5_000, 'the hand-off to be shut');
    // The consumer has stopped. The worker waits only for the permit.
    await aRoundOfTheEventLoop(50);
    expect(stopped).toBe(false);

    handOff.cancel([permit]);
    await stopping;
  });

  it('claims nothing that would have to wait for a permit first', async () => {
    const worker = await start({ HANDOFF: '0', DELIVERY_CONCURRENCY: '10', DELIVERY_TIMEOUT_SECONDS: '5' });
    const states = (): Promise<{ state: number }[]> => app.nest.get(DataSource).query('SELECT state FROM delivery');
    const { id: appId } = await anApplication(app);
    for (let n = 0; n < 10; n++) await anEndpoint(app, appId, { url: `${receiver.url}/${n}` });
    // Endpoints that have answered before may use all permits.
    hang = false;
    await aMessage(app, appId);
    await until(async () => (await states()).every(({ state }) => state === 2), 30_000, 'each endpoint to have answered');
    hang = true;
    // There is one task, and the queue may use nine permits.
    await aMessage(app, appId);
    await receiver.got(10 + 9);

    await worker.stop('SIGTERM');

    expect(receiver.received).toHaveLength(10 + 9);
    const left = await app.nest.get(DataSource).query('SELECT state, attempts FROM delivery WHERE fence = 0');
    expect(left).toEqual([{ state: 0, attempts: 0 }]);
    expect(app.log.filter((line) => line.includes('"queue.tasks_not_handled"'))).toHaveLength(1);
  });
});

async function aRoundOfTheEventLoop(times: number): Promise<void> {
  for (let n = 0; n < times; n++) await new Promise((resolve) => setImmediate(resolve));
}
