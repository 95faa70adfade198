import type { Socket } from 'node:net';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { NameResolver } from '../../src/delivery/name-resolver.js';
import { startApp } from '../support/app.js';
import { aMessage, anApplication, anEndpoint } from '../support/factories.js';
import { until } from '../support/until.js';
import { bareServer, namesOf, senderRig, type Rig } from './sender-rig.js';
import { silentAddress, type SilentAddress } from './silent-address.js';

jest.setTimeout(120_000);
const WAIT_MS = 60_000;
/** Addresses that never answer. All servers of a name listen on the same port, each on its own address. */
const DEAD = ['127.0.0.2', '127.0.0.3', '127.0.0.4'];

let rig: Rig | undefined;
const silent: SilentAddress[] = [];

afterEach(async () => {
  rig?.stop();
  await Promise.all(silent.splice(0).map((each) => each.stop()));
});

async function silentAt(host: string, port = 0): Promise<SilentAddress> {
  const address = await silentAddress(host, port);
  silent.push(address);
  return address;
}

describe('a name with an address that never answers and one that answers slowly', () => {
  it.each([
    ['behind it', ['127.0.0.2', '127.0.0.1']],
    ['in front of it', ['127.0.0.1', '127.0.0.2']],
  ])('is reached at the first attempt, the slow one %s', async (_, addresses) => {
    const slow = await silentAt('127.0.0.1');
    await silentAt('127.0.0.2', slow.port);
    rig = senderRig({ names: namesOf({ 'shop.test': addresses }) });
    const sent = rig.send(`http://shop.test:${slow.port}/`);
    // By then every address was tried, and none has answered.
    setTimeout(() => slow.wake(), 700);

    const result = await sent;
    expect(result).toMatchObject({ statusCode: 200, response: 'ok' });
    expect(result.durationMs).toBeGreaterThan(700);
  });

  it('is reached through the whole service', async () => {
    const slow = await silentAt('127.0.0.1');
    await silentAt('127.0.0.2', slow.port);
    const app = await startApp({ RETRY_SCHEDULE: '' }, (nest) => {
      const names = nest.get(NameResolver, { strict: false });
      jest.spyOn(names, 'addressesOf').mockResolvedValue([
        { address: '127.0.0.2', family: 4 },
        { address: '127.0.0.1', family: 4 },
      ]);
    });
    const { id: appId } = await anApplication(app);
    await anEndpoint(app, appId, { url: `http://shop.test:${slow.port}/` });
    const { id } = await aMessage(app, appId);
    setTimeout(() => slow.wake(), 700);
    const attempts = async (): Promise<any[]> => (await app.api.get(`/app/${appId}/attempt/msg/${id}`)).body.data;
    await until(async () => (await attempts()).length > 0, WAIT_MS, 'an attempt');
    const [attempt] = await attempts();
    await app.stop();

    expect(attempt).toMatchObject({ status: 0, responseStatusCode: 200 });
  });
});

describe('a name with several addresses that never answer', () => {
  it('is reached at the good address behind them', async () => {
    const good = await silentAt('127.0.0.1');
    for (const host of DEAD) await silentAt(host, good.port);
    good.wake();
    rig = senderRig({ names: namesOf({ 'shop.test': [...DEAD, '127.0.0.1'] }) });

    expect(await rig.send(`http://shop.test:${good.port}/`)).toMatchObject({ statusCode: 200 });
  });

  it('and no other one fails within the limit, and the attempt says that it was connecting', async () => {
    const { port } = await silentAt('127.0.0.2');
    await silentAt('127.0.0.3', port);
    rig = senderRig({ names: namesOf({ 'shop.test': ['127.0.0.2', '127.0.0.3'] }), timeoutMs: 2_000 });

    expect(await rig.send(`http://shop.test:${port}/`)).toMatchObject({
      statusCode: 0,
      failure: 'timeout',
      response: 'timed out while connecting',
    });
  });
});

describe('a name with an address that is blocked', () => {
  it.each([
    ['reached', ['127.0.0.1/32'], 200],
    ['not reached', ['127.0.0.3/32'], 0],
  ])('is %s by those that are allowed, and no socket is opened to it', async (_, allowed, statusCode) => {
    const answer = (socket: Socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    const good = await bareServer(answer);
    const blocked = await bareServer(answer, '127.0.0.2', good.port);
    rig = senderRig({ names: namesOf({ 'shop.test': ['127.0.0.2', '127.0.0.1', '127.0.0.3'] }), allowed });
    const result = await rig.send(`http://shop.test:${good.port}/`);
    await Promise.all([good.stop(), blocked.stop()]);

    expect(result).toMatchObject({ statusCode });
    expect(blocked.connected()).toBe(0);
  });
});
