import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';
import { anApplication } from '../support/factories.js';
import { until } from '../support/until.js';

const WAIT_MS = 20_000;

let app: TestApp;
beforeEach(async () => {
  app = await startApp();
});
afterEach(() => app?.stop());

it('messages are refused while the file of the embedded database is away, because they would be lost with the process', async () => {
  const { id: appId } = await anApplication(app);
  const file = join(app.env['DATA_DIR']!, 'posthorn.sqlite');
  const post = async () => (await app.api.post(`/app/${appId}/msg`, { eventType: 'order.paid', payload: {} })).status;
  await until(async () => (await app.root.get('/health')).status === 200, WAIT_MS, 'the first look at the file');
  await rename(file, `${file}.away`);
  await until(async () => (await post()) === 503, WAIT_MS, 'a refusal');
  expect((await app.root.get('/health')).status).toBe(503);

  await rename(`${file}.away`, file);
  await until(async () => (await post()) === 202, WAIT_MS, 'messages to be accepted again');
});
