import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { DataSource } from 'typeorm';
import { SharedCache } from '../../src/cache/shared-cache.js';
import { startApp, type TestApp } from '../support/app.js';
import { anApplication } from '../support/factories.js';

const MESSAGES = 500;
const MAX_BLOCK = 100;

let app: TestApp;
let appId: string;
const statements: string[] = [];

beforeAll(async () => {
  const limits = { THROTTLE_RATE: '100000', THROTTLE_KEY_RATE: '100000', QUOTA_MESSAGES_PER_DAY: '1000000' };
  app = await startApp({ ...limits, REDIS_URL: '' });
  appId = (await anApplication(app)).id;
  const nothing = () => undefined;
  app.nest.get(DataSource).logger = {
    logQuery: (sql) => void statements.push(sql),
    logQueryError: nothing,
    logQuerySlow: nothing,
    logSchemaBuild: nothing,
    logMigration: nothing,
    log: nothing,
  };
});
afterAll(() => app.stop());

it('is no statement and no call of the cache for most messages', async () => {
  const cache = app.nest.get(SharedCache);
  const tokens = jest.spyOn(cache, 'takeTokens');
  const units = jest.spyOn(cache, 'takeUnits');
  const started = performance.now();
  for (let n = 0; n < MESSAGES; n++)
    expect((await app.api.post(`/app/${appId}/msg`, { eventType: 'a', payload: {} })).status).toBe(202);
  const seconds = (performance.now() - started) / 1000;
  // Blocks are 2, 4, 8 … 100 units, and begin small again when this machine is so slow that they are not used in time.
  const most = MESSAGES / MAX_BLOCK + 8 + 8 * seconds;
  expect(units.mock.calls.length).toBeLessThan(most);
  expect(tokens.mock.calls.length).toBeLessThan(2 * most);
  // Two processes' worth: the usage is written every ten seconds, limits are read every two.
  const own = statements.filter((sql) => /\borganization(_usage)?\b/.test(sql)).length;
  expect(own).toBeLessThan(10 + 2 * seconds);
});

it('is nothing at all without limits', async () => {
  const plain = await startApp({ REDIS_URL: '' });
  try {
    const { id } = await anApplication(plain);
    const cache = plain.nest.get(SharedCache);
    const calls = [jest.spyOn(cache, 'takeTokens'), jest.spyOn(cache, 'takeUnits'), jest.spyOn(cache, 'lock')];
    for (let n = 0; n < 20; n++) await plain.api.post(`/app/${id}/msg`, { eventType: 'a', payload: {} });
    expect(calls.map(({ mock }) => mock.calls.length)).toEqual([0, 0, 0]);
  } finally {
    await plain.stop();
  }
});
