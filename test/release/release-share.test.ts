import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { aMessage, anApplication, anEndpoint } from '../support/factories.js';
import { until } from '../support/until.js';
import { BLUE, GREEN, startEcs, type Ecs } from './ecs.js';
import { makeDue, shareIs, startGatedApp, type GatedApp } from './gated-app.js';

const CONCURRENCY = 20;
const MESSAGES = 24;

describe('a task with a share of the traffic', () => {
  let ecs: Ecs;
  let server: Server;
  let app: GatedApp;
  let open: number;
  let mostOpen: number;
  let answered: number;

  beforeEach(async () => {
    open = mostOpen = answered = 0;
    // Slow enough that whoever may send more does so meanwhile.
    server = createServer((request, response) => {
      open += 1;
      mostOpen = Math.max(mostOpen, open);
      request.resume();
      setTimeout(() => {
        open -= 1;
        answered += 1;
        response.end();
      }, 200);
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    ecs = await startEcs();
    app = await startGatedApp(ecs, { HANDOFF: '0', DELIVERY_CONCURRENCY: String(CONCURRENCY) });
  });
  afterEach(async () => {
    await app?.stop();
    await ecs.stop();
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  });

  /** Waiting messages to several endpoints of several applications, so that no cap but the gate's is met. Half of them are due. */
  const aBacklog = async () => {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const appIds = await Promise.all(Array.from({ length: 4 }, async () => (await anApplication(app)).id as string));
    for (const appId of appIds) for (let n = 0; n < 3; n++) await anEndpoint(app, appId, { url, channels: [`c${n}`] });
    for (let n = 0; n < MESSAGES; n++) {
      const { id } = await aMessage(app, appIds[n % 4]!, { channels: [`c${n % 3}`] });
      if (n % 2 === 0) await makeDue(app, id);
    }
  };

  it.each([
    ['a tenth of its permits', { [BLUE]: 9, [GREEN]: 1 }, 0.1, 2],
    ['one permit, if its share is smaller than that', { [BLUE]: 99, [GREEN]: 1 }, 0.01, 1],
  ])('fetches, by queue and scanner together, no more than %s', async (_name, weights, share, permits) => {
    await aBacklog();

    ecs.weights = weights;
    await shareIs(app, share);

    await until(() => answered === MESSAGES, 30_000, 'the backlog to be delivered');
    expect(mostOpen).toBe(permits);
  });

  it('fetches more as soon as more is shifted to it', async () => {
    await aBacklog();
    ecs.weights = { [BLUE]: 9, [GREEN]: 1 };
    await until(() => answered > 0, 10_000, 'the first delivery');

    ecs.weights = { [GREEN]: 1 };

    await until(() => answered === MESSAGES, 30_000, 'the backlog to be delivered');
    expect(mostOpen).toBeGreaterThan(2);
  });
});
