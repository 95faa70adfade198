import { expect, it } from '@jest/globals';
import { startApp } from '../support/app.js';

it.each(['api', 'worker', 'api,worker'])('a process with the role %s starts, and says that it is ready', async (ROLES) => {
  const app = await startApp({ ROLES });
  try {
    expect((await app.root.get('/health/ready')).status).toBe(200);
    expect((await app.root.get('/api/v1/app')).status).toBe(ROLES === 'worker' ? 404 : 401);
  } finally {
    await app.stop();
  }
});
