import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { refuseOverload } from '../../../src/api/http-support/overload-door.js';
import { until } from '../../support/until.js';

const PATH = '/api/v1/app/app_1/msg';
const SLOW_MS = 200;

/** A request as text; the door refuses those of the token `loud`. */
const post = (id: string, token: string, body = '{}') =>
  `POST ${PATH} HTTP/1.1\r\nHost: a\r\nAuthorization: ${token}\r\nX-Request-Id: ${id}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

describe('a connection in an overload', () => {
  let server: Server;
  let client: Socket;
  let answers: string;
  /** Requests that Node has parsed. */
  let parsed: number;
  beforeEach(async () => {
    server = createServer((request, response) => {
      request.resume();
      request.once('end', () => void answerLate(response, String(request.headers['x-request-id'])));
    });
    refuseOverload(server, { refuses: (token) => token === 'loud', letIn: () => () => {} });
    parsed = 0;
    server.on('request', () => parsed++);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    client = connect((server.address() as AddressInfo).port, '127.0.0.1');
    client.setNoDelay(true);
    answers = '';
    client.on('data', (data: Buffer) => (answers += data.toString('latin1')));
    await once(client, 'connect');
  });
  afterEach(() => {
    client.destroy();
    server.close();
  });

  const answerLate = async (response: ServerResponse, id: string) => {
    await sleep(SLOW_MS);
    response.writeHead(202, { 'x-request-id': id, 'content-length': 0 }).end();
  };
  /** Status and id of each answer so far, in order. */
  const got = () =>
    [...answers.matchAll(/HTTP\/1\.1 (\d+)[^]*?x-request-id: (\S+)/gi)].map(([, status, id]) => `${status} ${id}`);
  const gets = (count: number) => until(() => got().length >= count, 5_000, `${count} answers`);

  it('gets quick refusals once Node has read one whole request', async () => {
    for (let n = 1; n <= 10; n++) {
      client.write(post(`r${n}`, 'loud'));
      await gets(n);
    }
    expect(got()).toEqual(Array.from({ length: 10 }, (_, n) => `503 r${n + 1}`));
    expect(parsed).toBe(2);
  });

  it('gets them again after a request that was accepted', async () => {
    const tokens = ['loud', 'loud', 'loud', 'quiet', 'loud', 'loud'];
    for (const [n, token] of tokens.entries()) {
      client.write(post(`r${n}`, token));
      await gets(n + 1);
    }
    expect(got()).toEqual(['503 r0', '503 r1', '503 r2', '202 r3', '503 r4', '503 r5']);
    expect(parsed).toBe(3);
  });

  it('gets its answers in order when a refused request comes before the one ahead of it is answered', async () => {
    client.write(post('r1', 'loud') + post('r2', 'quiet'));
    await gets(1);
    client.write(post('r3', 'loud'));
    await gets(3);

    expect(got()).toEqual(['503 r1', '202 r2', '503 r3']);
  });

  it('gets no answer to a body that looks like a request', async () => {
    const inner = post('inner', 'loud');
    const outer = post('outer', 'quiet', inner);
    const head = outer.length - inner.length;
    client.write(post('first', 'loud') + outer.slice(0, head));
    await gets(1);
    client.write(outer.slice(head));
    await gets(2);
    client.write(post('last', 'loud'));
    await gets(3);

    expect(got()).toEqual(['503 first', '202 outer', '503 last']);
  });

  it('gets no answer to a header that looks like a request', async () => {
    client.write(`${post('first', 'loud')}POST ${PATH} HTTP/1.1\r\nX-Pad: `);
    await gets(1);
    client.write(post('inner', 'quiet'));
    await gets(2);
    client.write(post('last', 'loud'));
    await gets(3);

    expect(got()).toEqual(['503 first', '202 inner', '503 last']);
    expect(parsed).toBe(3);
  });
});
