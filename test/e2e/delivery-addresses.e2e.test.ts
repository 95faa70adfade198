import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { Endpoint } from '../../src/database/entities/endpoint.entity.js';
import { startApp, type TestApp } from '../support/app.js';
import { aMessage, anApplication, anEndpoint } from '../support/factories.js';
import { startReceiver } from '../support/receiver.js';
import { until } from '../support/until.js';

const WAIT_MS = 60_000;

describe.each(['0', '100'])('with %s %% handed over inside the process and no allowed subnets, an endpoint at', (handoff) => {
  let app: TestApp;
  let server: Server;
  let connections = 0;

  beforeAll(async () => {
    app = await startApp({ ALLOWED_SUBNETS: '', HANDOFF: handoff, RETRY_SCHEDULE: '' });
    server = createServer((socket) => {
      connections++;
      socket.destroy();
    });
    // At every address of this machine, IPv6 included where there is any.
    await new Promise<void>((listening) => server.listen(0, listening));
  });
  afterAll(async () => {
    server?.close();
    await app?.stop();
  });

  const attemptsAt = async (host: string) => {
    const { port } = server.address() as AddressInfo;
    const { id: appId } = await anApplication(app);
    await anEndpoint(app, appId, { url: `http://${host}:${port}/hook` });
    const { id } = await aMessage(app, appId);
    const attempts = async (): Promise<any[]> => (await app.api.get(`/app/${appId}/attempt/msg/${id}`)).body.data;
    await until(async () => (await attempts()).length > 0, WAIT_MS, `an attempt at ${host}`);
    return attempts();
  };

  it.each([
    '127.0.0.1',
    'localhost',
    '[::1]',
    '[::]',
    '0.0.0.0',
    '[::ffff:127.0.0.1]',
    '[::127.0.0.1]',
    '[64:ff9b::7f00:1]',
    '2130706433',
    '0x7f.1',
    '0177.0.0.1',
    '127.1',
    '169.254.169.254',
    '10.0.0.1',
    '172.16.0.1',
    '192.168.0.1',
    '100.64.0.1',
    '[fd00::1]',
    '[fe80::1]',
  ])('%s is refused, and no connection is opened', async (host) => {
    const attempts = await attemptsAt(host);

    expect(attempts).toMatchObject([{ status: 2, responseStatusCode: 0, response: 'address range blocked by configuration' }]);
    expect(connections).toBe(0);
  });

  it('a name that does not exist fails as such', async () => {
    const [attempt] = await attemptsAt('nobody.invalid');

    expect(attempt).toMatchObject({ status: 2, responseStatusCode: 0, response: 'name resolution error' });
  });
});

describe('with an allowed subnet', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await startApp({ ALLOWED_SUBNETS: '127.0.0.1/32', RETRY_SCHEDULE: '' });
  });
  afterAll(() => app?.stop());

  it.each([
    ['is reached', '127.0.0.1', 200],
    ['is reached in its IPv6 spelling', '[::ffff:127.0.0.1]', 200],
    ['is reached by name', 'localhost', 200],
    ['is refused beside the subnet', '127.0.0.2', 0],
  ])('an address %s', async (_, host, code) => {
    const receiver = await startReceiver();
    const { id: appId } = await anApplication(app);
    const { id: endpointId } = await anEndpoint(app, appId, { url: receiver.url.replace('127.0.0.1', host) });
    await aMessage(app, appId);
    const attempts = async (): Promise<any[]> => (await app.api.get(`/app/${appId}/attempt/endpoint/${endpointId}`)).body.data;
    await until(async () => (await attempts()).length > 0, WAIT_MS, 'an attempt');
    await receiver.stop();

    expect((await attempts())[0].responseStatusCode).toBe(code);
    expect(receiver.received).toHaveLength(code === 200 ? 1 : 0);
  });
});

describe('a port of another protocol', () => {
  let app: TestApp;
  let path: string;
  let appId: string;

  beforeAll(async () => {
    app = await startApp({ RETRY_SCHEDULE: '1,600' });
    appId = (await anApplication(app)).id;
    path = `/app/${appId}/endpoint`;
  });
  afterAll(() => app?.stop());

  it.each([25, 465, 587, 22, 6000, 10080, 0])('is refused for an endpoint: %i', async (port) => {
    const url = `https://example.com:${port}/hook`;
    const { id } = await anEndpoint(app, appId);
    const answers = [
      await app.api.post(path, { url }),
      await app.api.put(`${path}/${id}`, { url }),
      await app.api.patch(`${path}/${id}`, { url }),
    ];

    expect(answers.map(({ status }) => status)).toEqual([422, 422, 422]);
    for (const { body } of answers)
      expect(body.detail).toEqual([
        { loc: ['body', 'url'], msg: expect.stringContaining(`must have another port: ${port} `), type: 'value_error' },
      ]);
  });

  it('fails the attempts of an endpoint that has it from before, which are retried', async () => {
    const { id: endpointId } = await anEndpoint(app, appId);
    await app.nest.get(DataSource).manager.update(Endpoint, { id: endpointId, appId }, { url: 'http://127.0.0.1:25/hook' });
    await app.api.patch(`${path}/${endpointId}`, { description: 'so that it is read again' });
    await aMessage(app, appId);
    const attempts = async (): Promise<any[]> => (await app.api.get(`/app/${appId}/attempt/endpoint/${endpointId}`)).body.data;
    await until(async () => (await attempts()).length === 2, WAIT_MS, 'two attempts');

    const blocked = { responseStatusCode: 0, response: 'port 25 is blocked by configuration' };
    expect(await attempts()).toMatchObject([blocked, blocked]);
  });
});
