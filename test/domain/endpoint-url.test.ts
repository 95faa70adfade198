import { describe, expect, it } from '@jest/globals';
import { basicAuthOf, normalizeEndpointUrl } from '../../src/domain/endpoint-url.js';
import { PortPolicy } from '../../src/domain/port-policy.js';

const ports = new PortPolicy([]);

describe('the URL of an endpoint', () => {
  it.each([
    ['http://Example.com', 'http://example.com/'],
    ['https://example.com:443/a/../b?x=1#part', 'https://example.com/b?x=1#part'],
    ['http://127.1:8080/hook', 'http://127.0.0.1:8080/hook'],
    ['https://user:p%40ss@example.com/', 'https://user:p%40ss@example.com/'],
    ['https://bücher.example/ä', 'https://xn--bcher-kva.example/%C3%A4'],
    ['http://[::FFFF:7f00:1]/', 'http://[::ffff:7f00:1]/'],
  ])('%s is stored as %s', (text, url) => {
    expect(normalizeEndpointUrl(text, false, ports)).toEqual({ url });
  });

  it.each([
    ['', 'absolute'],
    ['/hooks', 'absolute'],
    ['example.com/hooks', 'absolute'],
    ['https://', 'absolute'],
    ['http://exa mple.com', 'absolute'],
    ['http://example.com:99999/', 'absolute'],
    ['ftp://example.com/', 'https:// or http://'],
    ['javascript:alert(1)', 'https:// or http://'],
    ['file:///etc/passwd', 'https:// or http://'],
    ['example.com:80/hooks', 'https:// or http://'],
  ])('%j is refused', (text, part) => {
    expect(normalizeEndpointUrl(text, false, ports)).toEqual({ problem: expect.stringContaining(part) });
  });

  it.each(['http://example.com:25/', 'https://example.com:6000/', 'http://127.0.0.1:465/', 'http://example.com:0/'])(
    'has no port of another protocol: %s',
    (text) => {
      expect(normalizeEndpointUrl(text, false, ports)).toEqual({ problem: expect.stringContaining('must have another port') });
    },
  );

  it('must be https where only that is wanted', () => {
    expect(normalizeEndpointUrl('http://example.com/', true, ports)).toEqual({ problem: 'The URL must start with https://' });
    expect(normalizeEndpointUrl('https://example.com/', true, ports)).toEqual({ url: 'https://example.com/' });
  });
});

describe('Basic authentication from a URL', () => {
  const basic = (text: string | Buffer) => `Basic ${Buffer.from(text as string).toString('base64')}`;

  it.each([
    ['both halves', 'https://user:pass@h/', basic('user:pass')],
    ['a user only', 'https://user@h/', basic('user:')],
    ['a password only', 'https://:pass@h/', basic(':pass')],
    ['signs that need encoding', 'https://us%3Aer:p%40%2Fss@h/', basic('us:er:p@/ss')],
    ['equals signs', 'https://abc==:def==@h/', basic('abc==:def==')],
    ['characters beyond ASCII', 'https://jürgen:pässwort@h/', basic('jürgen:pässwort')],
    ['a lone percent sign', 'https://50%:100%zz@h/', basic('50%:100%zz')],
    ['bytes that are not UTF-8', 'https://%ff:x@h/', basic(Buffer.from([0xff, 0x3a, 0x78]))],
    ['no userinfo', 'https://h/', null],
    ['empty userinfo', 'https://:@h/', null],
  ])('%s', (_, url, expected) => {
    expect(basicAuthOf(new URL(url))).toBe(expected);
  });
});
