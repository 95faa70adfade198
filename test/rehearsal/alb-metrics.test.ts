import { afterEach, describe, expect, it } from '@jest/globals';
import { until } from '../support/until.js';
import { ask, startSetup, startTarget, sumOf, type Setup } from './alb-parts.js';

const WHOLE = { LoadBalancer: 'app/posthorn/50dc6c495c0c9188' };
const GROUP = 'targetgroup/blue/73e2d6bc24d8a067';
let setup: Setup | undefined;

afterEach(() => setup?.stop());

async function behind(status: number, options?: Parameters<typeof startSetup>[1]): Promise<Setup> {
  const target = await startTarget((_request, response) => response.writeHead(status).end());
  setup = await startSetup([target], options);
  return setup;
}

describe('the metrics of a load balancer', () => {
  it('are published with each request, of the group and of the whole', async () => {
    const { loadBalancer, data } = await behind(500);
    await ask(loadBalancer.production.url);
    for (const name of ['RequestCount', 'HTTPCode_Target_5XX_Count', 'TargetResponseTime']) {
      const both = data.filter((datum) => datum.name === name && datum.value > 0);
      expect(both.map(({ namespace, dimensions }) => ({ namespace, dimensions }))).toEqual([
        { namespace: 'AWS/ApplicationELB', dimensions: WHOLE },
        { namespace: 'AWS/ApplicationELB', dimensions: { ...WHOLE, TargetGroup: GROUP } },
      ]);
    }
    expect(data.some(({ name }) => name.startsWith('HTTPCode_ELB'))).toBe(false);
  });

  it('have the response time in seconds, up to the headers', async () => {
    const target = await startTarget((_request, response) => {
      setTimeout(() => response.flushHeaders(), 200);
      setTimeout(() => response.end(), 700);
    });
    setup = await startSetup([target]);
    await ask(setup.loadBalancer.production.url);
    const seconds = sumOf(setup.data, 'TargetResponseTime', GROUP);
    expect(seconds).toBeGreaterThan(0.19);
    expect(seconds).toBeLessThan(0.7);
  });

  it('tell the hosts and zeros again and again, of a group that has targets', async () => {
    const { data } = await behind(200, { factor: 500 });
    const names = ['HealthyHostCount', 'UnHealthyHostCount', 'RequestCount', 'HTTPCode_Target_5XX_Count'];
    const of = (name: string) => data.filter((datum) => datum.name === name && datum.dimensions.TargetGroup === GROUP);
    await until(() => names.every((name) => of(name).length >= 3), 2_000, 'three reports');
    // The first report may be from before the target's first answer.
    expect(names.map((name) => of(name).at(-1)?.value)).toEqual([1, 0, 0, 0]);
    expect(data.some(({ dimensions }) => dimensions.TargetGroup?.includes('green'))).toBe(false);
  });

  it.each([
    [false, 0],
    [true, 1],
  ])('count a new target as unhealthy if that is assumed: %s', async (countsInitialAsUnhealthy, expected) => {
    const settings = { assumed: { countsInitialAsUnhealthy, reportEveryMs: 2_000 } };
    const { green, data } = await behind(200, { factor: 100, settings, group: { intervalMs: 1_000_000 } });
    green.register({ id: '127.0.0.1', port: 1, zone: 'a' });
    const of = (name: string) => data.filter((datum) => datum.name === name && datum.dimensions.TargetGroup?.includes('green'));
    await until(() => of('UnHealthyHostCount').length > 0, 2_000, 'a report');
    expect([of('HealthyHostCount')[0]?.value, of('UnHealthyHostCount')[0]?.value]).toEqual([0, expected]);
  });

  it('tell nothing of a target that is draining', async () => {
    const { blue, data } = await behind(200, { factor: 100, group: { deregistrationDelayMs: 60_000 } });
    void blue.deregister(blue.health()[0]!.target);
    const before = data.length;
    await until(() => blue.health().length === 0, 2_000, 'the end of the delay');
    expect(data.slice(before)).toEqual([]);
  });
});
