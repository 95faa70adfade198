import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { UnreadableAnswer } from '../../src/delivery/answer-head.js';
import { AnswerReader } from '../../src/delivery/answer-reader.js';
import { ByteBuffer } from '../../src/delivery/byte-buffer.js';

const MOST = 20_000;
const OK = 'HTTP/1.1 200 OK\r\n';
const CHUNKED = `${OK}Transfer-Encoding: chunked\r\n\r\n`;

/** What is understood of these pieces, one after the other. */
function understood(pieces: readonly string[], most = MOST) {
  const reader = new AnswerReader(most);
  try {
    for (const piece of pieces) if (!reader.over) reader.push(Buffer.from(piece, 'latin1'));
    if (!reader.over) reader.end();
  } catch (error) {
    if (!(error instanceof UnreadableAnswer)) throw error;
    return { unreadable: true };
  }
  const { head, reusable } = reader;
  // Where the lengths contradict each other, the body is what came in one piece with the head.
  const kept = head!.framing.kind === 'unknown' ? [] : reader.chunks;
  const body = Buffer.concat(kept).toString('latin1').slice(0, most);
  return { status: head!.statusCode, headers: [...head!.headers], body, reusable };
}

function cut(text: string, places: readonly number[]): string[] {
  const at = [...new Set(places.map((place) => place % (text.length + 1)))].toSorted((a, b) => a - b);
  return [0, ...at].map((from, which) => text.slice(from, at[which] ?? text.length)).filter((piece) => piece !== '');
}

const ANSWERS = [
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

describe('what an answer says', () => {
  it.each(ANSWERS.map((answer) => [JSON.stringify(answer), answer]))('is the same wherever %s is cut', (_, answer) => {
    const whole = understood([answer]);
    for (let at = 1; at < answer.length; at++) expect(understood([answer.slice(0, at), answer.slice(at)])).toEqual(whole);
    expect(understood([...answer])).toEqual(whole);
  });

  it('is the same however odd bytes are cut, and they never throw anything but that they are unreadable', () => {
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
    const odd = fc.tuple(
      fc.constantFrom(...ANSWERS),
      fc.array(fc.tuple(fc.nat(), fc.nat(6), fc.constantFrom('', ...parts)), { maxLength: 4 }),
    );
    const mutated = ([answer, changes]: [string, [number, number, string][]]) =>
      changes.reduce((text, [at, less, more]) => {
        const from = at % (text.length + 1);
        return text.slice(0, from) + more + text.slice(from + less);
      }, answer);
    fc.assert(
      fc.property(odd.map(mutated), fc.array(fc.nat(), { maxLength: 8 }), (answer, places) => {
        const { reusable: a, ...whole } = understood([answer], 3) as { reusable?: boolean };
        const { reusable: b, ...pieces } = understood(cut(answer, places), 3) as { reusable?: boolean };
        expect(pieces).toEqual(whole);
        // Bytes behind the answer are seen by the reader only where they come with its end.
        if (a) expect(b).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('an answer is not read on when', () => {
  it.each([
    ['empty lines', '\n'.repeat(60_000)],
    ['interim answers', `HTTP/1.1 103 x\r\nLink: ${'a'.repeat(60_000)}\r\n\r\n`],
  ])('more than 260 KB of %s come before it', (_, bytes) => {
    const reader = new AnswerReader(MOST);
    const piece = Buffer.from(bytes);
    const pushed = () => {
      for (let count = 0; count < 10; count++) reader.push(piece);
    };

    expect(pushed).toThrow('more than 260 KB come before its status');
  });

  it('the extensions of its chunks are far longer than the chunks: what had come stands', () => {
    const answer = CHUNKED + `1;${'x'.repeat(4_000)}\r\na\r\n`.repeat(100);

    expect(understood([answer])).toMatchObject({ status: 200, body: 'aaaa', reusable: false });
  });
});

describe('the connection of an answer is not used again when', () => {
  it('its reason phrase has a control character', () => {
    expect(understood(['HTTP/1.1 200 OK\rX: y\r\nContent-Length: 0\r\n\r\n'])).toMatchObject({ status: 200, reusable: false });
  });
});

describe('a header value', () => {
  it('of thousands of folded lines is put together', () => {
    const answer = `${OK}X: a\r\n${' b\r\n\t\r\n'.repeat(5_000)}\r\n`;

    expect(understood([answer])).toMatchObject({ headers: [['x', [`a${' b'.repeat(5_000)}`]]] });
  });
});

describe('bytes that come one by one', () => {
  it('are copied only a few times', () => {
    const held = new ByteBuffer();
    const stores = new Set<ArrayBufferLike>();
    let all: Buffer = Buffer.alloc(0);
    for (let at = 0; at < 50_000; at++) {
      all = held.followedBy(Buffer.from([at % 251]));
      held.hold(all.length);
      if (at > 5_000) stores.add(all.buffer);
    }

    expect(stores.size).toBeLessThan(6);
    expect(all.length).toBe(50_000);
    expect(all.every((byte, at) => byte === at % 251)).toBe(true);
  });

  it('are held from where the next answer begins', () => {
    const held = new ByteBuffer();
    held.followedBy(Buffer.from('abc'));
    held.hold(2);
    expect(held.followedBy(Buffer.from('def')).toString()).toBe('bcdef');
    held.hold(1);
    expect(held.followedBy(Buffer.from('gh')).toString()).toBe('fgh');
    held.hold(0);
    expect(held.followedBy(Buffer.from('i')).toString()).toBe('i');
  });
});
