import { describe, expect, it } from '@jest/globals';
import { hasMask, maskedUrl, passwordIn, receiverOf, withPassword } from '../../src/domain/url-password.js';

describe('the password of a URL', () => {
  it.each([
    ['https://user:p%40ss@example.com/a?b=c', 'https://user:****@example.com/a?b=c'],
    ['https://:pass@example.com/', 'https://:****@example.com/'],
    ['https://user@example.com/', 'https://user@example.com/'],
    ['https://example.com/a:b@c', 'https://example.com/a:b@c'],
  ])('is masked in %s', (url, masked) => {
    expect(maskedUrl(url)).toBe(masked);
  });

  it('comes back where its mask is', () => {
    const url = 'https://user:p%40%25ss@example.com/a';
    expect(passwordIn(url)).toBe('p%40%25ss');
    expect(withPassword(maskedUrl(url), passwordIn(url)!)).toBe(url);
  });

  it.each(['https://u:****@a.example/', 'https://u:%2A%2a**@a.example/'])('is a mask in %s', (url) => {
    expect(hasMask(url)).toBe(true);
    expect(passwordIn(url)).toBeNull();
  });

  it.each(['https://u:***@a.example/', 'https://****:x@a.example/', 'https://a.example/****', 'nothing'])(
    'is no mask in %s',
    (url) => {
      expect(hasMask(url)).toBe(false);
    },
  );

  it('is for a scheme, a host, a port and a user', () => {
    const urls = ['https://u:x@h/', 'http://u:x@h/', 'https://u:x@h:8443/', 'https://v:x@h/', 'https://u:x@i/'];
    expect(new Set(urls.map((url) => receiverOf(url).join(' '))).size).toBe(urls.length);
    expect(receiverOf('https://u:x@h/a')).toEqual(receiverOf('https://u:y@H:443/b'));
  });
});
