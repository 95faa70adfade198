import { request as sendRequest, type RequestListener } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import { until } from '../support/until.js';
import { ask, startSetup, startTarget, sumOf, type TestTarget } from './alb-parts.js';

const opened: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of opened.splice(0)) await close();
});

async function behind(targets: readonly TestTarget[], options?: Parameters<typeof startSetup>[1]) {
  const setup = await startSetup(targets, options);
  opened.push(setup.stop);
  const { loadBalancer, blue } = setup;
  const refused = () => loadBalancer.counts().get(blue.settings.arn)?.refused ?? {};
  return { ...setup, url: loadBalancer.production.url, refused };
}

const silent: RequestListener = () => {};

describe('a client that leaves', () => {
  it('counts as 460, and the target sees the end of the connection', async () => {
    const target = await startTarget(silent);
    const { url, refused, data } = await behind([target]);
    const request = sendRequest(url, { agent: false }).on('error', () => {});
    request.end();
    await until(() => target.seen.length === 1, 2_000, 'the request');
    request.destroy();
    await until(() => target.seen[0]?.socket.destroyed, 2_000, 'the end of the connection to the target');
    expect(refused()).toEqual({ 460: 1 });
    expect(sumOf(data, 'HTTPCode_ELB_5XX_Count')).toBe(0);
  });

  it('does not disturb the target, if that is assumed', async () => {
    const target = await startTarget((request, response) => request.socket.once('answer now', () => response.end('late')));
    const { url, refused, blue } = await behind([target], { settings: { assumed: { closesWithClient: false } } });
    const request = sendRequest(url, { agent: false }).on('error', () => {});
    request.end();
    await until(() => target.seen.length === 1, 2_000, 'the request');
    request.destroy();
    await until(() => refused()[460] === 1, 2_000, 'the count');
    target.seen[0]?.socket.emit('answer now');
    await until(() => blue.choose(new Set())?.underWay === 0, 2_000, 'the end of the request');
    expect(target.seen[0]?.socket.destroyed).toBe(false);
  });

  it('counts as 400 if its request was not complete', async () => {
    const target = await startTarget(silent);
    const { url, refused } = await behind([target]);
    const request = sendRequest(url, { method: 'POST', agent: false, headers: { 'Content-Length': '10' } }).on('error', () => {});
    request.write('half');
    await until(() => target.seen.length === 1, 2_000, 'the request');
    request.destroy();
    await until(() => Object.keys(refused()).length > 0, 2_000, 'the count');
    expect(refused()).toEqual({ 400: 1 });
  });
});

describe('an answer that breaks off', () => {
  it('is cut, with the status that it had', async () => {
    const target = await startTarget((request, response) => {
      response.writeHead(200, { 'Content-Length': '10' });
      response.write('half', () => request.socket.destroy());
    });
    const { url, loadBalancer, blue } = await behind([target]);
    await expect(ask(url)).rejects.toThrow('aborted');
    expect(loadBalancer.counts().get(blue.settings.arn)).toMatchObject({ answers: { '2xx': 1 }, refused: {} });
  });
});
