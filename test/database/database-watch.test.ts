import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import type { PoolConnection } from 'mysql2';
import { probeDatabase } from '../../src/database/database-probe.js';
import { DatabaseWatch, type ProbeResult } from '../../src/database/database-watch.js';
import { createLog } from '../../src/observability/log.js';
import { until } from '../support/until.js';

let watch: DatabaseWatch;
let probes: ((result: ProbeResult) => void)[];

beforeEach(() => {
  probes = [];
  watch = new DatabaseWatch(() => new Promise((resolve) => probes.push(resolve)), createLog('silent'));
});
afterEach(() => watch.stop());

const answerProbe = async (result: ProbeResult) => {
  const probe = await until(() => probes.shift(), 5_000, 'a probe');
  probe(result);
  await turn();
};
const anIdleConnection = (forMs = 60_000) => {
  const connection = { closed: false, destroy: () => void (connection.closed = true) };
  watch.setIdle(connection as unknown as PoolConnection, true, performance.now() - forMs);
  return connection;
};

it('asks the server once, however often it is suspected', async () => {
  watch.suspect();
  watch.suspect();
  await turn();
  expect(probes).toHaveLength(1);
});

it('closes idle connections if the server answers on a new one, because they may be dead', async () => {
  const idle = anIdleConnection();
  watch.suspect();
  await answerProbe('answered');
  expect([idle.closed, watch.isSilent]).toEqual([true, false]);
});

it('keeps a connection that was used a moment ago: it has answered, and the pool is only busy', async () => {
  const used = anIdleConnection(0);
  watch.suspect();
  await answerProbe('answered');
  expect(used.closed).toBe(false);
});

it('leaves it to each request to notice a server that refuses connections', async () => {
  const idle = anIdleConnection();
  watch.suspect();
  await answerProbe('failed');
  expect([idle.closed, watch.isSilent]).toEqual([false, false]);
});

it('refuses whoever waits, and everybody after that, until a silent server answers', async () => {
  const errors: Error[] = [];
  watch.wait((error) => errors.push(error));
  watch.suspect();
  await answerProbe('silent');
  expect(errors).toEqual([expect.objectContaining({ message: 'The database server sends nothing.' })]);
  expect(() => watch.assertNotSilent()).toThrow('sends nothing');
  await answerProbe('failed');
  expect(watch.isSilent).toBe(true);
  await answerProbe('answered');
  expect(watch.isSilent).toBe(false);
});

it('does not take a server for silent any more that answers slowly', async () => {
  watch.suspect();
  await answerProbe('slow');
  expect(watch.isSilent).toBe(false);
  watch.suspect();
  await answerProbe('silent');
  await answerProbe('slow');
  expect(watch.isSilent).toBe(false);
});

it.each<[ProbeResult, string, number[]]>([
  ['slow', 'the beginning of a packet', [74, 0, 0, 0, 10]],
  ['silent', 'nothing', []],
])('finds a server %s that sends %s', async (result, _, bytes) => {
  const server = createServer((socket) => void socket.on('error', () => undefined).write(Buffer.from(bytes)));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  expect(await probeDatabase(`mysql://root@127.0.0.1:${port}/any`, 300, watch)).toBe(result);
  server.close();
});
