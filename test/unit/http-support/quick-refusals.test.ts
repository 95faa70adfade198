import { describe, expect, it } from '@jest/globals';
import { refusedId } from '../../../src/api/http-support/quick-refusals.js';

const BODY = '{"eventType":"a","payload":{}}';
const LENGTH = `Content-Length: ${BODY.length}`;

/** A request of which everything is refused, with these lines in its head. */
const asked: [url: string, authorization: string | undefined][] = [];
function idOf(lines: string[], { line = 'POST /api/v1/app/a/msg HTTP/1.1', body = BODY } = {}): string | null {
  asked.length = 0;
  const chunk = Buffer.from(`${[line, 'Host: posthorn', ...lines].join('\r\n')}\r\n\r\n${body}`, 'latin1');
  return refusedId(chunk, (url, authorization) => asked.push([url, authorization]) > 0);
}

describe('a request on a connection that was refused before', () => {
  it('is judged by its path and token as Node reads them', () => {
    expect(idOf(['authorization:  Bearer abc \t', LENGTH])).toEqual(expect.any(String));
    expect(asked).toEqual([['/api/v1/app/a/msg', 'Bearer abc']]);
    expect(
      idOf([LENGTH, 'Connection: Keep-Alive'], { line: 'POST /api/v1/app/a/msg?with_content=false HTTP/1.1' }),
    ).not.toBeNull();
    expect(asked).toEqual([['/api/v1/app/a/msg?with_content=false', undefined]]);
  });

  it('keeps its id', () => {
    expect(idOf([LENGTH, 'X-Request-Id: mine'])).toBe('mine');
    expect(idOf([LENGTH, 'X-Amzn-Trace-Id: Root=1-2-3;Sampled=1'])).toBe('1-2-3');
  });

  it('is not judged here if it is accepted', () => {
    expect(refusedId(Buffer.from(`POST / HTTP/1.1\r\n${LENGTH}\r\n\r\n${BODY}`), () => false)).toBeNull();
  });

  it.each<[string, string[], ...{ line?: string; body?: string }[]]>([
    ['is not whole', [LENGTH], { body: BODY.slice(1) }],
    ['is followed by another one', [LENGTH], { body: `${BODY}POST` }],
    ['has no length', []],
    ['has two lengths', [LENGTH, LENGTH]],
    ['has a length that is no number', ['Content-Length: +30']],
    ['is chunked', [LENGTH, 'Transfer-Encoding: chunked']],
    ['wants to be asked for its body', [LENGTH, 'Expect: 100-continue']],
    ['comes from a page', [LENGTH, 'Origin: https://a.example']],
    ['ends its connection', [LENGTH, 'Connection: close']],
    ['has two tokens', [LENGTH, 'Authorization: Bearer a', 'authorization: Bearer b']],
    ['has a space before a colon', [LENGTH, 'Connection : close']],
    ['has a folded line', [LENGTH, 'X-A: 1\r\n 2']],
    ['has a line without a name', [LENGTH, 'nonsense']],
    ['has a bare line end', [LENGTH, 'X-A: 1\nConnection: close']],
    ['is of HTTP/1.0', [LENGTH], { line: 'POST /api/v1/app/a/msg HTTP/1.0' }],
    ['is no POST', [LENGTH], { line: 'PUT /api/v1/app/a/msg HTTP/1.1' }],
    ['has a whole URL', [LENGTH], { line: 'POST http://posthorn/api/v1/app/a/msg HTTP/1.1' }],
  ])('is left to Node if it %s', (_what, lines, ...[more]) => {
    expect(idOf(lines, more)).toBeNull();
    expect(asked).toEqual([]);
  });

  it('is left to Node if its head has not arrived', () => {
    expect(refusedId(Buffer.from('POST /api/v1/app/a/msg HTTP/1.1\r\nHost: a\r\n'), () => true)).toBeNull();
  });
});
