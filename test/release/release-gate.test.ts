import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { INestApplication } from '@nestjs/common';
import { aMessage, anApplication, anEndpoint } from '../support/factories.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { until } from '../support/until.js';
import { BLUE, GREEN, startEcs, type Ecs } from './ecs.js';
import { makeDue, shareIs, startGatedApp, type GatedApp } from './gated-app.js';

describe('a task behind the release gate', () => {
  let ecs: Ecs;
  let receiver: Receiver;
  let app: GatedApp | undefined;
  let appId: string;

  beforeEach(async () => {
    [ecs, receiver] = await Promise.all([startEcs(), startReceiver()]);
  });
  afterEach(async () => {
    await app?.stop();
    await receiver.stop();
    await ecs.stop();
    app = undefined;
  });

  const start = async (handOff: '0' | '100') => {
    app = await startGatedApp(ecs, { HANDOFF: handOff });
    appId = (await anApplication(app)).id;
    await anEndpoint(app, appId, { url: receiver.url });
    return app;
  };
  const arrived = () => receiver.received.map(({ headers }) => headers['webhook-id']);

  it('with no traffic, delivers what its own API accepts', async () => {
    const green = await start('100');

    const { id } = await aMessage(green, appId);

    await receiver.got(1);
    expect(arrived()).toEqual([id]);
    expect(green.gate.share).toBe(0);
  });

  it('with no traffic, neither receives tasks nor scans, until traffic is shifted to it', async () => {
    const green = await start('100');
    const queued = [await green.queuedMessage(appId), await green.queuedMessage(appId)];
    await makeDue(green, queued[1]!);
    await until(async () => (await green.waitingTasks()) === 2, 10_000, 'both tasks in the queue');

    await green.severalTurns();

    expect(await Promise.all(queued.map((id) => green.untouched(id)))).toEqual([true, true]);
    expect(await green.waitingTasks()).toBe(2);
    expect(receiver.received).toEqual([]);

    ecs.weights = { [GREEN]: 1 };
    await receiver.got(2);
    expect(arrived().sort()).toEqual(queued.sort());
    expect(green.logged('release.weight')).toMatchObject([
      { from: null, to: 0 },
      { from: 0, to: 1 },
    ]);
  });

  it('stops to receive and scan when the traffic is taken back', async () => {
    ecs.weights = { [GREEN]: 1 };
    const green = await start('0');
    await aMessage(green, appId);
    await receiver.got(1);

    ecs.weights = { [BLUE]: 1 };
    await shareIs(green, 0);
    // What long polls under way bring is still handled.
    const left = await until(
      async () => {
        const id = await green.queuedMessage(appId);
        await green.severalTurns();
        return (await green.untouched(id)) && id;
      },
      20_000,
      'a message that stays in the queue',
    );
    await makeDue(green, left);
    await green.severalTurns();

    expect(await green.untouched(left)).toBe(true);
    ecs.weights = { [GREEN]: 1 };
    await until(() => arrived().includes(left), 10_000, 'it to be delivered after all');
  });

  it('is not ready, and receives nothing, before the load balancer has answered', async () => {
    ecs.mode = 'refuse';
    ecs.weights = { [GREEN]: 1 };
    let nest: INestApplication | undefined;
    const starting = startGatedApp(ecs, {}, (made) => (nest = made));
    const address = () => nest?.getHttpServer().address() as { port: number } | null | undefined;
    const { port } = await until(address, 10_000, 'it to listen');
    const health = async (path: string) => {
      const answer = await fetch(`http://127.0.0.1:${port}${path}`);
      return { status: answer.status, body: (await answer.json()) as any };
    };

    await ecs.askedAgain(5);
    await until(async () => (await health('/health')).body.details.queue.status === 'up', 10_000, 'everything else to be up');
    for (const path of ['/health/ready', '/health']) {
      const { status, body } = await health(path);
      expect(status).toBe(503);
      expect(body.error).toEqual({ release: { status: 'down', reason: 'the load balancer has not answered yet' } });
    }

    ecs.mode = 'well';
    app = await starting;
    expect((await health('/health/ready')).body.details.release).toEqual({ status: 'up', share: 1 });
    expect(app.logged('release.away')).toEqual([
      expect.objectContaining({ level: 'error', error: expect.stringContaining('AccessDenied') }),
    ]);
    expect(app.logged('release.back')).toEqual([expect.objectContaining({ level: 'info', share: 1 })]);
  });

  it('keeps its share when the load balancer does not answer any more, and says so once', async () => {
    ecs.weights = { [GREEN]: 1 };
    const green = await start('0');
    ecs.mode = 'refuse';
    const release = async () => (await green.root.get('/health/ready')).body.details.release;
    await until(async () => (await release()).status === 'degraded', 10_000, 'it to be said');
    await ecs.askedAgain(3);

    expect(await green.root.get('/health/ready')).toMatchObject({ status: 200, body: { status: 'degraded' } });
    expect(await release()).toEqual({ status: 'degraded', share: 1, reason: 'the load balancer does not answer' });
    expect(green.logged('release.away')).toEqual([expect.objectContaining({ level: 'error', share: 1 })]);
    const { id } = await aMessage(green, appId);
    await receiver.got(1);
    expect(arrived()).toEqual([id]);

    ecs.mode = 'well';
    await until(async () => (await release()).status === 'up', 10_000, 'it to be well again');
    expect(green.logged('release.back')).toHaveLength(1);
  });

  it('keeps its share and stays ready while it is throttled, and follows afterwards', async () => {
    ecs.weights = { [GREEN]: 1 };
    const green = await start('0');
    ecs.mode = 'throttle';
    await ecs.askedAgain(6);

    expect(green.gate.share).toBe(1);
    expect((await green.root.get('/health/ready')).status).toBe(200);
    ecs.mode = 'well';
    ecs.weights = { [BLUE]: 1, [GREEN]: 0 };
    await shareIs(green, 0);
  });

  it('asks only for the rules from then on', async () => {
    ecs.weights = { [GREEN]: 1 };
    await start('0');

    await ecs.askedAgain(10);

    expect(ecs.asked['DescribeTargetHealth']).toBe(1);
  });
});
