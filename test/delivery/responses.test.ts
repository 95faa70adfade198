import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bareServer, senderRig, type Rig } from './sender-rig.js';

const OK = 'HTTP/1.1 200 OK\r\n';
const TWO = 'Content-Length: 2\r\n\r\nok';
const CHUNKED = `${OK}Transfer-Encoding: chunked\r\n`;
const kilobytes = (count: number) => `X-A: ${'a'.repeat(count * 1024)}\r\n`;

/** The bytes of a response, the body that is read, and whether the connection carries the next request. */
type Row = [name: string, bytes: string, body: string, kept: boolean];

const READ: Row[] = [
  ['a body with a length', OK + TWO, 'ok', true],
  ['a 100 that was not requested', `HTTP/1.1 100 Continue\r\n\r\n${OK}${TWO}`, 'ok', true],
  [
    'several interim responses',
    `HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${OK}${TWO}`,
    'ok',
    true,
  ],
  ['five hundred interim responses', 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(500) + OK + TWO, 'ok', true],
  ['64 KB of headers', OK + kilobytes(63) + TWO, 'ok', true],
  ['thousands of headers', OK + 'X-A: a\r\n'.repeat(5_000) + TWO, 'ok', true],
  ['no reason phrase', `HTTP/1.1 200 \r\n${TWO}`, 'ok', true],
  ['no reason phrase and no space', `HTTP/1.1 200\r\n${TWO}`, 'ok', true],
  ['two spaces before the status', `HTTP/1.1  200 OK\r\n${TWO}`, 'ok', true],
  ['an Upgrade header', `${OK}Upgrade: h2c\r\nConnection: Upgrade\r\n${TWO}`, 'ok', true],
  ['the version 1.0', `HTTP/1.0 200 OK\r\n${TWO}`, 'ok', false],
  ['the version 1.0, kept open', `HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\n${TWO}`, 'ok', true],
  ['the version 1.2', `HTTP/1.2 200 OK\r\n${TWO}`, 'ok', false],
  ['the version in lower case', `http/1.1 200 OK\r\n${TWO}`, 'ok', true],
  ['a folded header line', `${OK}X-A: a\r\n  b\r\n\tc\r\n${TWO}`, 'ok', false],
  ['a control character in a value', `${OK}X-A: a\x01b\x07\x7f\r\n${TWO}`, 'ok', false],
  ['a NUL in a value', `${OK}X-A: a\0b\r\n${TWO}`, 'ok', false],
  ['a CR in a value', `${OK}X-A: a\rb\r\n${TWO}`, 'ok', false],
  ['Latin-1 in a value', `${OK}X-A: na\xefve\r\n${TWO}`, 'ok', true],
  ['lines that end with LF alone', 'HTTP/1.1 200 OK\nContent-Length: 2\n\nok', 'ok', false],
  ['an empty line that is LF alone', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\nok', 'ok', false],
  ['a space before the colon', `${OK}X-A : a\r\n${TWO}`, 'ok', false],
  ['a space within a name', `${OK}X A: a\r\n${TWO}`, 'ok', false],
  ['an empty line before the status line', `\r\n${OK}${TWO}`, 'ok', false],
  ['one length twice', `${OK}Content-Length: 2\r\n${TWO}`, 'ok', false],
  ['one length twice in a line', `${OK}Content-Length: 2, 2\r\n\r\nok`, 'ok', false],
  ['two lengths', `${OK}Content-Length: 3\r\n${TWO}`, 'ok', false],
  ['an invalid length', `${OK}Content-Length: 2abc\r\n\r\nok`, 'ok', false],
  ['a negative length', `${OK}Content-Length: -2\r\n\r\nok`, 'ok', false],
  ['a length and chunks', `${OK}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n`, 'ok', false],
  [
    'chunks in version 1.0',
    'HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n',
    'ok',
    false,
  ],
  ['chunks', `${CHUNKED}\r\n1\r\no\r\n1\r\nk\r\n0\r\n\r\n`, 'ok', true],
  ['chunked twice', `${CHUNKED}Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n`, 'ok', false],
  ['the coding identity', `${OK}Transfer-Encoding: identity\r\n${TWO}`, 'ok', false],
  ['a coding before the chunks', `${OK}Transfer-Encoding: gzip, chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n`, 'ok', false],
  ['extensions of chunks', `${CHUNKED}\r\n2;a=b;c="\r\nok\r\n0;;\r\n\r\n`, 'ok', true],
  ['spaces around the length of a chunk', `${CHUNKED}\r\n 2  \r\nok\r\n000\r\n\r\n`, 'ok', true],
  ['a trailer', `${CHUNKED}\r\n2\r\nok\r\n0\r\nX-Sum: 1\r\n\r\n`, 'ok', true],
  ['chunks whose lines end with LF alone', `${CHUNKED}\r\n2\nok\n0\n\n`, 'ok', false],
  ['a chunk without a length', `${CHUNKED}\r\n2\r\nok\r\nzz\r\nno\r\n0\r\n\r\n`, 'ok', false],
  ['a 204 with a length', 'HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\nok', '', false],
  ['a 204 in chunks', 'HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', '', false],
  ['bytes behind the body', `${OK}${TWO}HTTP/1.1 500 Forged\r\nContent-Length: 0\r\n\r\n`, 'ok', false],
  ['an empty line behind the body', `${OK}${TWO}\r\n`, 'ok', false],
];

/** Responses that end with the connection. */
const ENDED: Row[] = [
  ['a body without a length', `${OK}\r\nok`, 'ok', false],
  ['a body without a length in version 1.0', 'HTTP/1.0 200 OK\r\n\r\nok', 'ok', false],
  ['an unknown coding', `${OK}Transfer-Encoding: odd\r\n\r\nok`, 'ok', false],
  ['a body shorter than its length', `${OK}Content-Length: 20\r\n\r\nok`, 'ok', false],
  ['chunks that break off', `${CHUNKED}\r\n2\r\nok\r\n5\r\n`, 'ok', false],
];

const INVALID: [name: string, bytes: string, reason: string][] = [
  ['another protocol', 'SSH-2.0-OpenSSH_9.9\r\n', 'it begins with "SSH-2.0-OpenSSH_9.9", which is no status line'],
  ['a body without a head', 'ok', 'no status line'],
  ['a status of two digits', `HTTP/1.1 20 OK\r\n${TWO}`, 'no status line'],
  ['a status of four digits', `HTTP/1.1 2000 OK\r\n${TWO}`, 'no status line'],
  ['a header line without a colon', `${OK}nothing\r\n${TWO}`, 'the header line "nothing" has no colon'],
  ['an invalid header name', `${OK}X@(a): a\r\n${TWO}`, '"X@(a)" is no name of a header'],
  ['a first header line that is folded', `${OK} X-A: a\r\n${TWO}`, 'its first header line begins with a space'],
  ['more than 64 KB of headers', OK + kilobytes(66) + TWO, 'its headers are longer than 64 KB'],
  ['incomplete headers', `${OK}X-A: a\r\n`, 'it ended within its headers'],
  ['only interim responses', 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(1_500), 'it has more than 1000 interim answers'],
];

describe('a response with', () => {
  let rig: Rig;

  beforeAll(() => {
    rig = senderRig();
  });
  afterAll(() => rig.stop());

  /** Sends two requests to a server that answers with these bytes. With `end` it closes after each response. */
  async function twice(bytes: string, { end = false, piecemeal = false } = {}) {
    const server = await bareServer(async (socket) => {
      const all = Buffer.from(bytes, 'latin1');
      for (let at = 0; piecemeal && at < all.length - 1; at++) {
        socket.write(all.subarray(at, at + 1));
        await nextTurn();
      }
      socket.write(piecemeal ? all.subarray(all.length - 1) : all);
      if (end) socket.end();
    });
    try {
      const results = [await rig.send(server.url), await rig.send(server.url)];
      return { results, connected: server.connected(), requests: server.requests.length };
    } finally {
      await server.stop();
    }
  }

  it.each(READ)('%s is read', async (_, bytes, body, kept) => {
    const { results, connected, requests } = await twice(bytes);

    const statusCode = bytes.includes(' 204 ') ? 204 : 200;
    const expected = { statusCode, response: body, failure: null };
    expect(results).toMatchObject([expected, expected]);
    expect({ connected, requests }).toEqual({ connected: kept ? 1 : 2, requests: 2 });
  });

  it.each(ENDED)('%s is read', async (_, bytes, body) => {
    const { results, connected } = await twice(bytes, { end: true });

    const expected = { statusCode: 200, response: body, failure: null };
    expect(results).toMatchObject([expected, expected]);
    expect(connected).toBe(2);
  });

  it.each(INVALID)('%s is invalid; the attempt says why and is one request', async (_, bytes, reason) => {
    const { results, requests } = await twice(bytes, { end: true });

    const expected = { statusCode: 0, failure: 'connection' };
    expect(results).toMatchObject([expected, expected]);
    expect(results[0]!.response).toContain(`request error: the answer could not be read: `);
    expect(results[0]!.response).toContain(reason);
    expect(requests).toBe(2);
  });

  // Bytes behind a body that come while the next request is under way look like its response.
  const inPieces = [...READ, ...ENDED].filter(([name, bytes]) => bytes.length < 500 && !name.endsWith('behind the body'));
  it.each(inPieces)('%s counts the same when it comes byte by byte', async (name, bytes) => {
    const { results } = await twice(bytes, { end: ENDED.some(([other]) => other === name), piecemeal: true });

    const expected = { statusCode: bytes.includes(' 204 ') ? 204 : 200, failure: null };
    expect(results).toMatchObject([expected, expected]);
  });

  it('the status 101 is final: no request asked for another protocol', async () => {
    const { results, connected } = await twice('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n');

    expect(results[0]).toMatchObject({ statusCode: 101, failure: null });
    expect(connected).toBe(2);
  });

  it('Retry-After and webhook-delivery is understood, whatever the letter case, and not when it comes twice', async () => {
    const once = await twice(`${OK}RETRY-AFTER: 120\r\nWebhook-Delivery: abort-message\r\n${TWO}`);
    const both = await twice(`${OK}Retry-After: 120\r\nRetry-After: 7\r\n${TWO}`);

    expect(once.results[0]).toMatchObject({ retryAfter: '120', abort: true });
    expect(both.results[0]).toMatchObject({ retryAfter: null, abort: false });
  });

  it('a folded Retry-After is joined', async () => {
    const { results } = await twice(`${OK}Retry-After:\r\n 120\r\n${TWO}`);

    expect(results[0]).toMatchObject({ retryAfter: '120' });
  });
});
