import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { InvalidResponse } from '../../src/delivery/response-head.js';
import { ResponseReader } from '../../src/delivery/response-reader.js';
import { ByteBuffer } from '../../src/delivery/byte-buffer.js';

const MAX_BODY_BYTES = 20_000;
const OK = 'HTTP/1.1 200 OK\r\n';
const CHUNKED = `${OK}Transfer-Encoding: chunked\r\n\r\n`;

/** What the reader makes of these pieces, one after the other. */
function read(pieces: readonly string[], most = MAX_BODY_BYTES) {
  const reader = new ResponseReader(most);
  try {
    for (const piece of pieces) if (!reader.done) reader.push(Buffer.from(piece, 'latin1'));
    if (!reader.done) reader.end();
  } catch (error) {
    if (!(error instanceof InvalidResponse)) throw error;
    return { invalid: true };
  }
  const { head, reusable } = reader;
  // If the lengths contradict each other, the body is what came in one piece with the head.
  const kept = head!.framing.kind === 'unknown' ? [] : reader.chunks;
  const body = Buffer.concat(kept).toString('latin1').slice(0, most);
  return { status: head!.statusCode, headers: [...head!.headers], body, reusable };
}

function cut(text: string, places: readonly number[]): string[] {
  const at = [...new Set(places.map((place) => place % (text.length + 1)))].toSorted((a, b) => a - b);
  return [0, ...at].map((from, which) => text.slice(from, at[which] ?? text.length)).filter((piece) => piece !== '');
}

const RESPONSES = [
  `${OK}Content-Length: 2\r\n\r\nok`,
  `\r\n\r\n${OK}Content-Length: 2\r\n\r\nok`,
  `\n${OK}Content-Length: 2\r\n\r\nok`,
  `HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n\r\nHTTP/1.1 100\n\n${OK}X: a\r\n b\r\n\r\nbody`,
  'HTTP/1.1 200 OK\nContent-Length: 2\n\nok',
  'HTTP/1.1 200 OK\r\nContent-Length: 2\n\r\nok',
  `${CHUNKED}1;a=b\r\no\r\n1\r\nk\r\n0\r\nX: y\r\n\r\n`,
  `${CHUNKED}2\nok\n0\n\n`,
  `${CHUNKED}2\r\nok\r\nzz\r\n`,
  'HTTP/1.1 204 No Content\r\n\r\n',
  'HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n',
  'HTTP/1.1 101 x\r\n\r\n',
  `${OK}X-A\r\n\r\n`,
  'SSH-2.0\r\n',
];

describe('a response', () => {
  it.each(RESPONSES.map((response) => [JSON.stringify(response), response]))('is the same wherever %s is cut', (_, response) => {
    const whole = read([response]);
    for (let at = 1; at < response.length; at++) expect(read([response.slice(0, at), response.slice(at)])).toEqual(whole);
    expect(read([...response])).toEqual(whole);
  });

  it('is the same wherever irregular bytes are cut, and the only error is InvalidResponse', () => {
    const parts = [
      '\r',
      '\n',
      '\r\n',
      ' ',
      ':',
      ';',
      '0',
      '2',
      'ok',
      '\0',
      '\xff',
      OK,
      CHUNKED,
      'HTTP/1.1 100 x\r\n\r\n',
      'X: y\r\n',
      ' z\r\n',
    ];
    const irregular = fc.tuple(
      fc.constantFrom(...RESPONSES),
      fc.array(fc.tuple(fc.nat(), fc.nat(6), fc.constantFrom('', ...parts)), { maxLength: 4 }),
    );
    const mutated = ([response, changes]: [string, [number, number, string][]]) =>
      changes.reduce((text, [at, less, more]) => {
        const from = at % (text.length + 1);
        return text.slice(0, from) + more + text.slice(from + less);
      }, response);
    fc.assert(
      fc.property(irregular.map(mutated), fc.array(fc.nat(), { maxLength: 8 }), (response, places) => {
        const { reusable: a, ...whole } = read([response], 3) as { reusable?: boolean };
        const { reusable: b, ...pieces } = read(cut(response, places), 3) as { reusable?: boolean };
        expect(pieces).toEqual(whole);
        // The reader sees bytes behind the response only if they come together with its end.
        if (a) expect(b).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('the reader stops when', () => {
  it.each([
    ['empty lines', '\n'.repeat(60_000)],
    ['interim responses', `HTTP/1.1 103 x\r\nLink: ${'a'.repeat(60_000)}\r\n\r\n`],
  ])('more than 260 KB of %s come before the response', (_, bytes) => {
    const reader = new ResponseReader(MAX_BODY_BYTES);
    const piece = Buffer.from(bytes);
    const pushed = () => {
      for (let count = 0; count < 10; count++) reader.push(piece);
    };

    expect(pushed).toThrow('more than 260 KB come before its status');
  });

  it('chunk extensions are far longer than the chunks; the data before them counts', () => {
    const response = CHUNKED + `1;${'x'.repeat(4_000)}\r\na\r\n`.repeat(100);

    expect(read([response])).toMatchObject({ status: 200, body: 'aaaa', reusable: false });
  });
});

describe('the connection is not used again when', () => {
  it('the reason phrase has a control character', () => {
    expect(read(['HTTP/1.1 200 OK\rX: y\r\nContent-Length: 0\r\n\r\n'])).toMatchObject({ status: 200, reusable: false });
  });
});

describe('a header value', () => {
  it('of thousands of folded lines is joined', () => {
    const response = `${OK}X: a\r\n${' b\r\n\t\r\n'.repeat(5_000)}\r\n`;

    expect(read([response])).toMatchObject({ headers: [['x', [`a${' b'.repeat(5_000)}`]]] });
  });
});

describe('bytes that come one by one', () => {
  it('are copied only a few times', () => {
    const buffer = new ByteBuffer();
    const memories = new Set<ArrayBufferLike>();
    let all: Buffer = Buffer.alloc(0);
    for (let at = 0; at < 50_000; at++) {
      all = buffer.append(Buffer.from([at % 251]));
      buffer.keepLast(all.length);
      if (at > 5_000) memories.add(all.buffer);
    }

    expect(memories.size).toBeLessThan(6);
    expect(all.length).toBe(50_000);
    expect(all.every((byte, at) => byte === at % 251)).toBe(true);
  });

  it('are kept from where the next response begins', () => {
    const buffer = new ByteBuffer();
    buffer.append(Buffer.from('abc'));
    buffer.keepLast(2);
    expect(buffer.append(Buffer.from('def')).toString()).toBe('bcdef');
    buffer.keepLast(1);
    expect(buffer.append(Buffer.from('gh')).toString()).toBe('fgh');
    buffer.keepLast(0);
    expect(buffer.append(Buffer.from('i')).toString()).toBe('i');
  });
});
