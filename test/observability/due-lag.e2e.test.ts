import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { EngineStore } from '../../src/database/engine/engine-store.js';
import { startApp, type TestApp } from '../support/app.js';
import { aMessage, anApplication, anEndpoint } from '../support/factories.js';

const DAY_MS = 86_400_000;

describe('a due delivery', () => {
  let app: TestApp;

  beforeAll(async () => {
    // Without a worker nobody takes it before it is looked at.
    app = await startApp({ ROLES: 'api' });
  });
  afterAll(() => app?.stop());

  it('is found with the time that it has been due', async () => {
    const { id } = await anApplication(app);
    await anEndpoint(app, id);
    const message = await aMessage(app, id);
    const dueAt = new Date(Date.now() - DAY_MS).toISOString().replace('T', ' ').slice(0, 23);
    await app.nest.get(DataSource).query('UPDATE delivery SET due_at = ? WHERE msg_id = ?', [dueAt, message.id]);

    const [due] = await app.nest.get(EngineStore).due(10, null);
    expect(due).toMatchObject({ msgId: message.id });
    expect(due!.lateMs).toBeGreaterThanOrEqual(DAY_MS - 5_000);
    expect(due!.lateMs).toBeLessThan(DAY_MS + 60_000);
  });

  it('is no number of a process that does not look for any', async () => {
    const { body } = await app.root.get('/health');

    expect(body.details.load).toMatchObject({ dueLagSeconds: null, permitsUsedShare: null, backlog: expect.any(Number) });
  });
});
