import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { ask, startSetup, startTarget, sumOf, type Setup } from './alb-parts.js';

const opened: Setup[] = [];

afterEach(async () => {
  for (const setup of opened.splice(0)) await setup.stop();
});

async function behind(...given: Parameters<typeof startSetup>): Promise<Setup> {
  const setup = await startSetup(...given);
  opened.push(setup);
  return setup;
}

const target = () => startTarget((_request, response) => response.end('hello'));

describe('a request that is not forwarded', () => {
  async function raw(port: number, text: string): Promise<string> {
    const client = connect(port, '127.0.0.1');
    client.end(text);
    const parts: Buffer[] = [];
    for await (const part of client) parts.push(part as Buffer);
    return Buffer.concat(parts).toString().split('\r\n', 1)[0] ?? '';
  }

  it.each([
    ['TRACE', 'TRACE / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', 'HTTP/1.1 405 Method Not Allowed'],
    ['a long URL', `GET /${'x'.repeat(17_000)} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`, 'HTTP/1.1 414 URI Too Long'],
    ['65 K of headers', `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(65 * 1024)}\r\n\r\n`, 'HTTP/1.1 400 Bad Request'],
    ['nonsense', 'nonsense\r\n\r\n', 'HTTP/1.1 400 Bad Request'],
    [
      'an unknown coding',
      'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\nConnection: close\r\n\r\n',
      'HTTP/1.1 501 Not Implemented',
    ],
  ])('%s', async (_what, text, expected) => {
    const { loadBalancer } = await behind([await target()]);
    expect(await raw(loadBalancer.production.port, text)).toBe(expected);
    expect(Object.values(loadBalancer.ownCounts().refused)).toEqual([1]);
  });

  it('more than 30 addresses', async () => {
    const { loadBalancer } = await behind([await target()]);
    const addresses = Array.from({ length: 31 }, () => '203.0.113.7').join(', ');
    expect((await ask(loadBalancer.production.url, { headers: { 'X-Forwarded-For': addresses } })).status).toBe(463);
  });

  it('one connection too many', async () => {
    const { loadBalancer, data } = await behind([], { settings: { maxConnections: 1 } });
    const { port } = loadBalancer.production;
    const kept = connect(port, '127.0.0.1');
    await once(kept, 'connect');
    const dropped = connect(port, '127.0.0.1').on('error', () => {});
    await once(dropped, 'close');
    kept.destroy();
    expect(loadBalancer.ownCounts().rejected).toBe(1);
    expect(sumOf(data, 'RejectedConnectionCount')).toBe(1);
  });
});
