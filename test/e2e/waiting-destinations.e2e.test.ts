import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';
import { aMessage, anApplication, anEndpoint } from '../support/factories.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { until } from '../support/until.js';

const WAIT_MS = 30_000;
const HOUR_MS = 3_600_000;

describe('destinations of a message that were never attempted', () => {
  let app: TestApp;
  let receiver: Receiver;
  let appId: string;

  beforeAll(async () => {
    app = await startApp();
    receiver = await startReceiver();
  });
  beforeEach(async () => {
    appId = (await anApplication(app)).id;
  });
  afterAll(() => Promise.all([app?.stop(), receiver?.stop()]));

  const destinations = async (msgId: string, query = ''): Promise<any> =>
    (await app.api.get(`/app/${appId}/msg/${msgId}/endpoint${query}`)).body;
  const planned = async (inMs = HOUR_MS) => {
    const deliverAt = new Date(Date.now() + inMs).toISOString();
    return { id: (await aMessage(app, appId, { deliverAt })).id as string, deliverAt };
  };

  it('are listed as pending where they are asked for, and only there', async () => {
    const endpoint = await anEndpoint(app, appId, { url: receiver.url });
    const { metadata: _, ...shown } = endpoint;
    const { id, deliverAt } = await planned();

    expect(await destinations(id)).toMatchObject({ data: [], done: true });
    expect(await destinations(id, '?include_waiting=false')).toMatchObject({ data: [], done: true });
    expect(await destinations(id, '?include_waiting=true')).toMatchObject({
      data: [{ ...shown, status: 1, statusText: 'pending', nextAttempt: deliverAt }],
      done: true,
    });
  });

  it('stand beside those that were attempted', async () => {
    const first = await anEndpoint(app, appId, { url: receiver.url });
    const { id } = await aMessage(app, appId);
    await until(async () => (await destinations(id)).data.length === 1, WAIT_MS, 'the first attempt');
    const all = await destinations(id, '?include_waiting=true');

    expect(all).toEqual(await destinations(id));
    expect(all.data).toMatchObject([{ id: first.id, status: 0, statusText: 'success', nextAttempt: null }]);
  });

  it('have failed where they ended without an attempt', async () => {
    const { id: endpointId } = await anEndpoint(app, appId, { url: receiver.url });
    const { id } = await planned(2_000);
    await app.api.patch(`/app/${appId}/endpoint/${endpointId}`, { disabled: true });
    const [ended] = await until(
      async () => {
        const { data } = await destinations(id, '?include_waiting=true');
        return data[0].statusText === 'fail' && data;
      },
      WAIT_MS,
      'the delivery to end',
    );

    expect(ended).toMatchObject({ id: endpointId, status: 2, statusText: 'fail', nextAttempt: null, disabled: true });
    expect((await destinations(id)).data).toEqual([]);
  });

  it('are paged like the others', async () => {
    const ids = [];
    for (let count = 0; count < 3; count++) ids.push((await anEndpoint(app, appId, { url: receiver.url })).id);
    const { id } = await planned();
    const first = await destinations(id, '?include_waiting=true&limit=2');
    const second = await destinations(id, `?include_waiting=true&limit=2&iterator=${first.iterator}`);

    expect([...first.data, ...second.data].map((one: any) => one.id)).toEqual(ids.toSorted());
    expect([first.done, second.done]).toEqual([false, true]);
  });

  it('are asked for by true or false', async () => {
    const { id } = await planned();

    expect((await app.api.get(`/app/${appId}/msg/${id}/endpoint?include_waiting=yes`)).status).toBe(400);
  });
});
