import { request as open, type ClientRequest, type IncomingMessage } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { INestApplication } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ByteBudget } from '../../src/async/byte-budget.js';
import { Tokens } from '../../src/api/auth/tokens.js';
import { loadConfig } from '../../src/config/config.js';
import { localSecrets } from '../../src/config/local-secrets.js';
import { ARRIVAL, createApp } from '../../src/http-server.js';
import { createLog } from '../../src/observability/log.js';
import { PAGE_BYTES } from '../../src/domain/page.js';
import { randomOrgId } from '../support/tokens.js';

const KIB = 1024;
const WAITING = { waitMs: 200, maxWaiting: 10, maxWaitingPerOwner: 10 };
const MEMORY = {
  bodies: { bytes: 450 * KIB, bytesPerOwner: 300 * KIB, ...WAITING },
  answers: { bytes: 2 * PAGE_BYTES, bytesPerOwner: PAGE_BYTES, ...WAITING },
};
const LARGE = JSON.stringify({ name: 'large', other: 'x'.repeat(200 * KIB) });
const SMALL = JSON.stringify({ name: 'small' });

describe('large bodies that arrive at the same time', () => {
  let app: INestApplication;
  let dataDir: string;
  let port: number;
  let tokens: [string, string, string];
  const held: ClientRequest[] = [];

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'posthorn-memory-'));
    const config = loadConfig({ HOST: '127.0.0.1', PORT: '0', DATA_DIR: dataDir, METRICS_PORT: '0' }, localSecrets);
    app = await createApp(config, createLog('fatal', { write: () => undefined }), ARRIVAL, MEMORY);
    await app.listen(0, '127.0.0.1');
    port = (app.getHttpServer().address() as { port: number }).port;
    const mint = () => app.get(Tokens).mint(randomOrgId());
    tokens = [await mint(), await mint(), await mint()];
  });
  afterEach(() => {
    for (const request of held.splice(0)) request.destroy();
  });
  afterAll(async () => {
    await app?.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  const start = (token: string, headers: Record<string, string | number>) => {
    const all = { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers };
    return open({ port, host: '127.0.0.1', path: '/api/v1/app', method: 'POST', headers: all, agent: false });
  };
  /** A request whose body does not end. */
  const hold = (token: string, headers: Record<string, string | number> = { 'content-length': LARGE.length }) => {
    const request = start(token, headers).on('error', () => undefined);
    held.push(request);
    return new Promise<void>((resolve) => void request.write(LARGE.slice(0, 1_000), () => resolve()));
  };
  const post = (token: string, body: string) =>
    new Promise<IncomingMessage>((resolve, reject) =>
      start(token, { 'content-length': Buffer.byteLength(body) })
        .on('error', reject)
        .on('response', (answer) => resolve(answer.resume()))
        .end(body),
    );
  const statusOf = async (token: string, body: string) => (await post(token, body)).statusCode;

  it('are refused after a while if they are too many together, and small ones are not', async () => {
    await hold(tokens[0]);
    await hold(tokens[1]);

    const answer = await post(tokens[2], LARGE);
    expect([answer.statusCode, answer.headers['retry-after']]).toEqual([503, '2']);
    expect(await statusOf(tokens[0], SMALL)).toBe(201);
  });

  it('of one organisation leave room for those of another', async () => {
    await hold(tokens[0]);

    expect(await statusOf(tokens[0], LARGE)).toBe(503);
    expect(await statusOf(tokens[1], LARGE)).toBe(201);
  });

  it('count for their limit if they do not say their size, and without a valid token', async () => {
    await hold(tokens[0], { 'transfer-encoding': 'chunked' });
    expect(await statusOf(tokens[0], LARGE)).toBe(503);

    await hold('nobody');
    expect(await statusOf('nobody', LARGE)).toBe(503);
  });

  it('have room again when others have ended, however they ended', async () => {
    await hold(tokens[0]);
    await hold(tokens[1]);
    const waiting = statusOf(tokens[2], LARGE);
    held[0]!.destroy();

    expect(await waiting).toBe(201);
    held[1]!.destroy();
    for (let n = 0; n < 5; n++) expect(await statusOf(tokens[0], LARGE)).toBe(201);
  });

  it('do not hold up requests that read, of which many may run', async () => {
    await hold(tokens[0]);
    const headers = { authorization: `Bearer ${tokens[0]}` };
    const read = () => fetch(`http://127.0.0.1:${port}/api/v1/app`, { headers }).then(({ status }) => status);

    expect(await Promise.all(Array.from({ length: 10 }, read))).toEqual(Array.from({ length: 10 }, () => 200));
  });

  it('leave room for pages, whether they are asked for by GET or HEAD', async () => {
    const take = jest.spyOn(ByteBudget.prototype, 'take');
    const headers = { authorization: `Bearer ${tokens[0]}` };
    for (const method of ['GET', 'HEAD']) {
      const { status } = await fetch(`http://127.0.0.1:${port}/api/v1/app`, { method, headers });
      expect(status).toBe(200);
    }

    expect(take.mock.calls.map(([, bytes]) => bytes)).toEqual([PAGE_BYTES, PAGE_BYTES]);
    take.mockRestore();
  });
});
