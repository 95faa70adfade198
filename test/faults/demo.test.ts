import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startChild, type Child } from '../support/child.js';
import { isReady } from '../support/process.js';
import { until } from '../support/until.js';

const DIST = join(resolve(import.meta.dirname, '../..'), 'dist');
const READY_MS = 30_000;
const STOP_MS = 20_000;

describe('npm start, which turns the demo on', () => {
  let dataDir: string;
  let service: Child;

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'posthorn-test-'));
    const { PATH = '', HOME = '' } = process.env;
    const env = { PATH, HOME, HOST: '127.0.0.1', PORT: '0', METRICS_PORT: '0', DATA_DIR: dataDir, DEMO: 'on' };
    service = startChild(process.execPath, [`${DIST}/main.js`], env, { scratch: dataDir });
  });
  afterEach(async () => {
    await service.stop();
    await rm(dataDir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  });

  const lineOf = (event: string) =>
    until(() => service.lines.map((line) => JSON.parse(line)).find(({ msg }) => msg === event), READY_MS, `${event} in the log`);
  const gone = (origin: string) => until(async () => !(await isReady(origin)), STOP_MS, 'the demo to end');

  it.each(['SIGTERM', 'SIGKILL'] as const)(
    'prints a link to the portal of a service of its own, which ends with it, by %s',
    async (signal) => {
      const { portal } = await lineOf('demo.ready');
      const { origin, hash } = new URL(portal);
      const { port } = await lineOf('server.listening');
      expect(origin).not.toBe(`http://localhost:${port}`);
      const headers = { authorization: `Bearer ${hash.replace('#token=', '')}` };
      const answer = await fetch(`${origin}/api/v1/app/demo-harbor`, { headers });
      expect(await answer.json()).toMatchObject({ uid: 'demo-harbor' });

      service.send(signal);

      await gone(origin);
    },
  );
});
