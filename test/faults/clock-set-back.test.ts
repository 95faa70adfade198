import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DatabaseClock } from '../../src/database/database-clock.js';
import { timeOf } from '../../src/domain/ids.js';
import { startApp, type TestApp } from '../support/app.js';
import { aMessage, anApplication, anEndpoint } from '../support/factories.js';

const AHEAD_MS = 60_000;

describe('with the embedded database, when the clock of the machine is set back', () => {
  let dataDir: string;
  let app: TestApp;
  let appId: string;
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'posthorn-test-'));
    app = await startApp({ DATA_DIR: dataDir });
    appId = (await anApplication(app)).id;
  });
  afterEach(async () => {
    await app?.stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  const setClock = (aheadMs: number) => Object.assign(app.nest.get(DatabaseClock), { own: () => Date.now() + aheadMs });
  const early = async () => {
    setClock(AHEAD_MS);
    const { id } = await aMessage(app, appId);
    expect(timeOf(id)).toBeGreaterThan(Date.now() + AHEAD_MS / 2);
    return id as string;
  };

  it('new messages still stand after those that pollers may have got already', async () => {
    const before = await early();
    setClock(0);
    const { id } = await aMessage(app, appId);

    expect(id > before).toBe(true);
    expect(timeOf(id) - timeOf(before)).toBeLessThan(1_000);
  });

  it('so do those of the next process on the folder, and examples', async () => {
    const before = await early();
    const { orgId, env } = app;
    const { JWT_SECRET, ENCRYPTION_KEY } = env;
    await app.nest.close();
    app = await startApp({ DATA_DIR: dataDir, JWT_SECRET: JWT_SECRET!, ENCRYPTION_KEY: ENCRYPTION_KEY! });
    app.api = app.as(app.tokenFor(orgId));
    const { id } = await aMessage(app, appId);
    const { id: endpointId } = await anEndpoint(app, appId);
    const example = await app.api.post(`/app/${appId}/endpoint/${endpointId}/send-example`, { eventType: 'svix.ping' });

    expect(id > before).toBe(true);
    expect(example.status).toBe(200);
    expect(example.body.id > id).toBe(true);
  });

  it('but not if it was wrong by more than ten minutes', async () => {
    setClock(3_600_000);
    const { id: before } = await aMessage(app, appId);
    setClock(0);
    const { id } = await aMessage(app, appId);

    expect(id < before).toBe(true);
  });
});
