import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { HealthChecks, matcherOf, probe } from '../../rehearsal/alb/health-checks.js';
import { TargetGroup } from '../../rehearsal/alb/target-group.js';
import { until } from '../support/until.js';
import { clockOf, groupSettings, HEALTH_PATH, Notes, startSetup, startTarget } from './alb-parts.js';

const opened: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of opened.splice(0)) await close();
});

async function serve(handle: RequestListener) {
  const server = createServer(handle).listen(0, '127.0.0.1');
  await once(server, 'listening');
  opened.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { id: '127.0.0.1', port: (server.address() as AddressInfo).port, zone: 'a' };
}

describe('health checks', () => {
  async function watched(factor: number) {
    const target = await startTarget(() => {});
    const clock = clockOf(factor);
    const group = new TargetGroup({ settings: groupSettings('blue'), clock, journal: new Notes() });
    const checks = new HealthChecks(group, clock);
    checks.start();
    opened.push(() => checks.stop(), target.stop);
    group.register(target.target);
    return { target, group };
  }

  it('begin at once', async () => {
    const { group } = await watched(1);
    await until(() => group.health()[0]?.state === 'healthy', 2_000, 'a healthy target');
  });

  it('say who asks, and whom', async () => {
    const { target } = await watched(1);
    const [check] = await until(() => target.checks.length > 0 && target.checks, 2_000, 'a check');
    expect(check?.headers).toMatchObject({
      host: `127.0.0.1:${target.target.port}`,
      'user-agent': 'ELB-HealthChecker/2.0',
    });
  });

  it('have a connection each', async () => {
    const { target } = await watched(500);
    await until(() => target.checks.length >= 3, 2_000, 'three checks');
    expect(target.connections.size).toBeGreaterThanOrEqual(3);
  });

  it('end with the registration', async () => {
    const { target, group } = await watched(500);
    await until(() => group.health()[0]?.state === 'healthy', 2_000, 'a healthy target');
    await group.deregister(target.target);
    const before = target.checks.length;
    group.register({ ...target.target, id: '127.0.0.2' });
    await until(() => group.health().some(({ state }) => state === 'unhealthy'), 2_000, 'three checks of another target');
    expect(target.checks.length).toBe(before);
  });

  it('are made of a group without a weight too', async () => {
    const target = await startTarget(() => {});
    const { green, stop } = await startSetup([target]);
    opened.push(stop);
    green.register(target.target);
    await until(() => green.health()[0]?.state === 'healthy', 2_000, 'a healthy target');
  });
});

describe('one health check', () => {
  const accepts = matcherOf('200');

  it('passes with a status that matches', async () => {
    const target = await serve((_request, response) => response.end());
    expect(await probe(target, HEALTH_PATH, accepts, 2_000)).toBe('passed');
  });

  it('tells another status', async () => {
    const target = await serve((_request, response) => response.writeHead(503).end());
    expect(await probe(target, HEALTH_PATH, accepts, 2_000)).toBe('mismatch');
  });

  it('tells that no answer came in time', async () => {
    const target = await serve(() => {});
    expect(await probe(target, HEALTH_PATH, accepts, 100)).toBe('timeout');
  });

  it('fails if nobody listens', async () => {
    const target = await serve(() => {});
    opened.splice(0).forEach((close) => close());
    expect(await probe(target, HEALTH_PATH, accepts, 2_000)).toBe('failed');
  });

  it('fails if the connection is closed', async () => {
    const target = await serve((request) => request.socket.destroy());
    expect(await probe(target, HEALTH_PATH, accepts, 2_000)).toBe('failed');
  });
});

describe('a matcher', () => {
  it.each([
    ['200', [200], [201, 199]],
    ['200-299', [200, 299], [300]],
    ['200,202', [200, 202], [201]],
  ])('%s', (matcher, good, bad) => {
    expect(good.every(matcherOf(matcher))).toBe(true);
    expect(bad.some(matcherOf(matcher))).toBe(false);
  });

  it('throws on another form', () => {
    expect(() => matcherOf('2xx')).toThrow('Not a matcher: 2xx');
  });
});
