import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { anApplication } from '../support/factories.js';
import { startRedis, type Service } from '../support/services.js';
import { until } from '../support/until.js';
import { anInstallation, type Installation, type Server } from './installation.js';

/** Longer than each time limit of a request: those of the cache, the database and the drivers. */
const STOPPED_MS = 12_000;

describe('a process that is delayed itself', () => {
  let redis: Service;
  let installation: Installation;
  let server: Server;
  let appId: string;

  beforeEach(async () => {
    redis = await startRedis();
    installation = await anInstallation({ REDIS_URL: redis.url, HANDOFF: '100' });
    server = await installation.start();
    appId = (await anApplication(server)).id;
  });
  afterEach(async () => {
    await installation?.remove();
    await redis?.stop();
  });

  const send = async (n: number) => {
    const { status, body } = await server.api.post(
      `/app/${appId}/msg`,
      { eventType: 'a', payload: { n } },
      { 'idempotency-key': `key-${n}` },
    );
    return { status, id: body.id as string, detail: body.detail as string };
  };
  /** Sends each message twice, the second time while the first request is open or after it was answered. */
  const sendTwice = async (n: number) => {
    const first = send(n);
    await new Promise((wake) => setTimeout(wake, 150));
    return Promise.all([first, send(n)]);
  };
  const verdicts = () =>
    server.log.filter((line) => /"(cache|database|queue)\.(away|refused)"|"dependency\.down"|"scanner\.failed"/.test(line));

  it('by much work recognises every repeated request', async () => {
    const answers = await Promise.all(Array.from({ length: 400 }, (_, n) => sendTwice(n)));

    const accepted = answers.filter((pair) => pair.every(({ status }) => status === 202));
    expect(accepted.length).toBeGreaterThan(0);
    expect(accepted.filter(([first, second]) => first!.id !== second!.id)).toEqual([]);
    expect(verdicts()).toEqual([]);
  });

  it('by SIGSTOP recognises every repeated request, and reports no other service as failed', async () => {
    const answers = Promise.all(Array.from({ length: 200 }, (_, n) => sendTwice(n)));
    await until(() => send(1_000), 20_000, 'it to be at work');
    await server.kill('SIGSTOP');
    await new Promise((wake) => setTimeout(wake, STOPPED_MS));
    await server.kill('SIGCONT');

    const pairs = await answers;
    expect(pairs.flat().filter(({ status }) => status !== 202)).toEqual([]);
    expect(pairs.filter(([first, second]) => first!.id !== second!.id)).toEqual([]);
    expect(verdicts()).toEqual([]);
  });
});
