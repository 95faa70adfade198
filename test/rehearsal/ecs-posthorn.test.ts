import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import type { Image } from '../../rehearsal/ecs/container.js';
import { scalingActivity } from '../../rehearsal/ecs/stop-cause.js';
import { programOf } from '../support/process.js';
import { until } from '../support/until.js';
import { aDefinition, ask, Ecs, HEALTH_CHECK } from './support/ecs.js';

let ecs: Ecs;
let dataDir: string;
beforeEach(async () => {
  ecs = await Ecs.start();
  dataDir = await mkdtemp(join(tmpdir(), 'posthorn-test-'));
});
afterEach(async () => {
  await ecs.stop();
  await rm(dataDir, { recursive: true, force: true });
});

it('a task of the project’s own build serves, is healthy by its own health check, and ends by SIGTERM', async () => {
  const folder = resolve(dirname(programOf('this build', 'main.js')), '..');
  const image: Image = { folder, entryPoint: ['node', '--max-semi-space-size=8'], command: ['dist/main.js'], environment: {} };
  const definition = await aDefinition({
    healthCheck: { ...HEALTH_CHECK!, command: ['CMD', 'node', 'dist/cli.js', 'healthcheck'] },
    environment: { DATA_DIR: dataDir, DRAIN_SECONDS: '0', METRICS_PORT: '0', LOG_LEVEL: 'info' },
  });
  const clock = { ...ecs.platform.clock, seconds: (ms: number) => ms / 10 };
  const task = ecs.task(definition, {}, { images: () => image, delays: { ...NO_DELAYS }, clock });
  await until(() => task.describe().healthStatus === 'HEALTHY', 15_000, 'it to be healthy');

  expect(JSON.parse(await ask(task, '/health/live'))).toMatchObject({ status: 'ok' });
  await task.stop(scalingActivity('ecs-svc/1'));
  expect(task.describe().exitCode).toBe(0);
});

const NO_DELAYS = { provisioningMs: 0, pullMs: 0, activatingMs: 0, bootMs: 0, deprovisioningMs: 0 };
