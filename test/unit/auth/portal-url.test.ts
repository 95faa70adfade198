import { describe, expect, it } from '@jest/globals';
import { portalUrl, type PlaceConfig } from '../../../src/api/auth/portal-url.js';
import { loadConfig } from '../../../src/config/config.js';

const { portal } = loadConfig({ JWT_SECRET: 'a', ENCRYPTION_KEY: Buffer.alloc(32).toString('base64') }, () => undefined as never);
const PLAIN: PlaceConfig = { portal, release: null };
const ON_ECS: PlaceConfig = { portal, release: { listenerArn: 'a', region: 'b', metadataUrl: 'c' } };

const urlFor = (headers: Record<string, string>, config = PLAIN) => portalUrl(config, { headers }, 'a.b.c');

describe('the URL of the portal', () => {
  it('begins with PUBLIC_URL, whatever host was asked', () => {
    const config = { ...PLAIN, portal: { ...portal, publicUrl: 'https://hooks.example.com' } };
    expect(urlFor({ host: 'evil.example' }, config)).toBe('https://hooks.example.com/portal#token=a.b.c');
  });

  it.each([
    ['localhost:3000', 'http://localhost:3000'],
    ['Hooks.Example.com', 'http://hooks.example.com'],
    ['hooks_1.internal:80', 'http://hooks_1.internal'],
    ['127.0.0.1:3000', 'http://127.0.0.1:3000'],
    ['[::1]:3000', 'http://[::1]:3000'],
  ])('without it begins with the host that was asked: %s', (host, origin) => {
    expect(urlFor({ host })).toBe(`${origin}/portal#token=a.b.c`);
  });

  it.each([
    '',
    'a b',
    'user@evil.example',
    'evil.example/path',
    'evil.example#',
    'evil.example?',
    'evil.example\\',
    'host:port',
    'host:123456',
    'host:99999',
    '[evil]',
    'a\r\nlocation: b',
    '-',
  ])('is relative if the host is none: %j', (host) => {
    expect(urlFor({ host })).toBe('/portal#token=a.b.c');
  });

  it('has the scheme that a load balancer of AWS tells, and believes nobody else', () => {
    const headers = { host: 'hooks.example.com', 'x-forwarded-proto': 'https', 'x-forwarded-host': 'evil.example' };
    expect(urlFor(headers, ON_ECS)).toBe('https://hooks.example.com/portal#token=a.b.c');
    expect(urlFor(headers, PLAIN)).toBe('http://hooks.example.com/portal#token=a.b.c');
    expect(urlFor({ ...headers, 'x-forwarded-proto': 'javascript' }, ON_ECS)).toBe('http://hooks.example.com/portal#token=a.b.c');
  });

  it('keeps its token when svix-react adds what the page asked for', () => {
    const url = new URL(urlFor({ host: 'localhost:3000' }));
    url.searchParams.append('darkMode', 'auto');
    expect(url.href).toBe('http://localhost:3000/portal?darkMode=auto#token=a.b.c');
  });
});
