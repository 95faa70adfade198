import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startChild } from '../support/child.js';
import { aMessage, anApplication, anEndpoint } from '../support/factories.js';
import { isReady } from '../support/process.js';
import { freePort } from '../support/services.js';
import { until } from '../support/until.js';
import { startCustomer, type Customer } from './customer.js';
import { anInstallation, EMBEDDED, type Installation } from './installation.js';
import { sendMessages } from './load.js';

const DIST = join(resolve(import.meta.dirname, '../..'), 'dist');
const WELL = { code: 0, signal: null };

describe('a process that gets a stop signal', () => {
  let installation: Installation;
  let customer: Customer;

  beforeEach(async () => {
    customer = await startCustomer(() => ({ status: 200, delayMs: 1_000 }));
    installation = await anInstallation({ ...EMBEDDED, HANDOFF: '100' });
  });
  afterEach(async () => {
    await installation?.remove();
    await customer?.stop();
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('by %s, ends with exit code 0', async (signal) => {
    const server = await installation.start();

    await server.kill(signal);

    expect(await server.exited).toEqual(WELL);
    expect(server.log.map((line) => JSON.parse(line).msg)).toEqual(expect.arrayContaining(['server.stopping', 'server.stopped']));
  });

  it('twice, as npm and a terminal send it together, ends as after one', async () => {
    const server = await installation.start();

    await server.kill('SIGINT');
    await server.kill('SIGINT');

    expect(await server.exited).toEqual(WELL);
  });

  it('through the shell of npm start, ends with exit code 0', async () => {
    const port = await freePort();
    const { PATH = '', HOME = '' } = process.env;
    const env = { PATH, HOME, ...installation.env, HOST: '127.0.0.1', PORT: String(port) };
    const command = `true && exec '${process.execPath}' '${DIST}/main.js'`;
    const shell = startChild('/bin/sh', ['-c', command], env);
    await until(() => isReady(`http://127.0.0.1:${port}`), 20_000, 'it to be ready');

    shell.send('SIGTERM');

    expect(await shell.exited).toEqual(WELL);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('by %s, settles its running deliveries before it ends', async (signal) => {
    const server = await installation.start();
    const { id: appId } = await anApplication(server);
    await anEndpoint(server, appId, { url: customer.url });
    const { accepted } = await sendMessages(server, { appId, count: 20, concurrency: 20 });
    await customer.got(20, 20_000);

    await server.kill(signal);
    expect(await server.exited).toEqual(WELL);

    const next = await installation.start();
    const statuses = await Promise.all(
      [...accepted.keys()].map(async (id) => (await next.api.get(`/app/${appId}/attempt/msg/${id}`)).body.data),
    );
    expect(statuses).toEqual(Array(20).fill([expect.objectContaining({ responseStatusCode: 200 })]));
    expect(next.log.filter((line) => line.includes('"worker.claims_released"'))).toEqual([]);
    expect(customer.takenTwice()).toEqual([]);
  });

  it('keeps all data for its next start', async () => {
    const server = await installation.start();
    const { id: appId } = await anApplication(server, { uid: 'kept' });
    const { id } = await aMessage(server, appId, { payload: { kept: true } });
    await server.stop();

    const next = await installation.start();

    expect((await next.api.get('/app/kept')).body).toMatchObject({ id: appId });
    expect((await next.api.get(`/app/kept/msg/${id}`)).body).toMatchObject({ payload: { kept: true } });
  });

  it('under load, answers all requests that it has begun, and loses no accepted message', async () => {
    const server = await installation.start();
    const { id: appId } = await anApplication(server);
    // Connections that are refused after the end do not count as lost requests.
    const onAccepted = (soFar: number) => soFar === 50 && void server.kill('SIGTERM');
    const { accepted, refused } = await sendMessages(server, { appId, count: 200, concurrency: 10, onAccepted });
    expect(await server.exited).toEqual(WELL);
    expect(refused).toEqual([]);

    const next = await installation.start();

    const found = await Promise.all([...accepted.keys()].map((id) => next.api.get(`/app/${appId}/msg/${id}`)));
    expect(found.filter(({ status }) => status !== 200)).toEqual([]);
  });
});

describe('a Node.js version that is too old', () => {
  it('ends with exit code 1 and one line that says what to do', async () => {
    const script = `(await import('${DIST}/node-version.js')).requireNode('22.11.0'); console.log('went on');`;
    const child = startChild(process.execPath, ['--input-type=module', '-e', script], {});

    expect(await child.exited).toEqual({ code: 1, signal: null });
    expect(child.lines).toEqual([
      expect.stringMatching(
        /^Posthorn needs Node 24 or later, and this is Node 22\.11\.0\..*export PATH=\$PWD\/node_modules\/\.bin:\$PATH/,
      ),
    ]);
  });
});
