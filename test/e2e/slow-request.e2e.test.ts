import { connect } from 'node:net';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { INestApplication } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadConfig } from '../../src/config/config.js';
import { localSecrets } from '../../src/config/local-secrets.js';
import { ARRIVAL, createApp } from '../../src/http-server.js';
import { createLog } from '../../src/observability/log.js';
import { until } from '../support/until.js';

const LIMITS = { limitMs: 600, lookEveryMs: 100, keepAliveMs: 600 };
const WAIT_MS = 20_000;
const TRICKLE_MS = 50;
const POST = 'POST /api/v1/app HTTP/1.1\r\nhost: a\r\ncontent-length: 100000\r\n\r\n';
const WHOLE = 'GET /nothing HTTP/1.1\r\nhost: a\r\n\r\n';

describe('a request that arrives slowly', () => {
  let app: INestApplication;
  let dataDir: string;
  let port: number;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'posthorn-slow-'));
    const config = loadConfig({ HOST: '127.0.0.1', PORT: '0', DATA_DIR: dataDir, METRICS_PORT: '0' }, localSecrets);
    app = await createApp(config, createLog('fatal', { write: () => undefined }), LIMITS);
    await app.listen(0, '127.0.0.1');
    port = (app.getHttpServer().address() as { port: number }).port;
  });
  afterAll(async () => {
    await app?.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  it.each([
    ['in its headers', 'GET /nothing HTTP/1.1\r\nhost: a\r\nx-long: ', 'a'],
    ['in its body', POST, ' '],
    ['in the chunks of its body', 'POST /api/v1/app HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n', '1\r\na\r\n'],
    ['in the body of the second on a connection', WHOLE + POST, ' '],
    ['in the headers of the second on a connection', `${WHOLE}GET /nothing HTTP/1.1\r\nhost: a\r\nx-long: `, 'a'],
    ['after it was answered', 'GET /health/live HTTP/1.1\r\nhost: a\r\ncontent-length: 100000\r\n\r\n', ' '],
  ])('%s is answered 408, however often a byte comes', async (_where, first, more) => {
    const { answers, pieces } = await trickled(first, more);

    expect(answers.at(-1)).toBe('408');
    expect(pieces).toBeLessThan((5 * LIMITS.limitMs) / TRICKLE_MS);
  });

  it('that consists of empty lines ends with its connection', async () => {
    const first = await trickled('\r\n', '\r\n');
    const second = await trickled(WHOLE, '\r\n');

    expect([first.answers, second.answers]).toEqual([['408'], ['404']]);
    const limitMs = LIMITS.keepAliveMs + LIMITS.limitMs;
    expect(Math.max(first.pieces, second.pieces)).toBeLessThan((4 * limitMs) / TRICKLE_MS);
  });

  it('has 30 seconds in the service, and is looked at every five', () => {
    expect(ARRIVAL).toEqual({ limitMs: 30_000, lookEveryMs: 5_000, keepAliveMs: 75_000 });
  });

  /** Sends a piece at a time until the server closes the connection: the statuses of its answers, and how many pieces were sent. */
  async function trickled(first: string, more: string): Promise<{ answers: string[]; pieces: number }> {
    let received = '';
    let pieces = 0;
    let closed = false;
    const socket = connect(port, '127.0.0.1');
    socket.on('data', (data) => (received += data.toString()));
    socket.on('error', () => undefined);
    socket.on('close', () => (closed = true));
    socket.write(first);
    const timer = setInterval(() => {
      pieces++;
      if (socket.writable) socket.write(more);
    }, TRICKLE_MS);
    await until(() => closed, WAIT_MS, 'the connection to be closed').finally(() => (clearInterval(timer), socket.destroy()));
    return { answers: [...received.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status!), pieces };
  }
});
