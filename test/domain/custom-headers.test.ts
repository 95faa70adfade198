import { describe, expect, it } from '@jest/globals';
import { headerNameProblem, headerValueProblem, isSensitiveHeader } from '../../src/domain/custom-headers.js';

describe('the name of a custom header', () => {
  it.each([
    'X-Custom',
    'authorization',
    'x-api-key',
    'Accept',
    "!#$%&'*+-.^_`|~09azAZ",
    'x',
    'webhook',
    'x-webhook-id',
    'x-amzing',
    'trailer',
  ])('%s is fine', (name) => {
    expect(headerNameProblem(name)).toBeNull();
  });

  it.each(['', 'some:thing', 'a b', 'a\0b', 'a\r\nb', 'é', 'a/b', '"a"', 'a(b)', ' a'])('%j is not legal', (name) => {
    expect(headerNameProblem(name)).toContain('not a legal header name');
  });

  it.each(
    (
      'user-agent keep-alive proxy-authenticate proxy-authorization te trailers transfer-encoding upgrade age cache-control ' +
      'clear-site-data expires pragma warning content-length content-type content-encoding content-language content-location ' +
      'host connection proxy-connection http2-settings expect __proto__ svix-foo x-svix-foo x-amz-date x-amzn-foo x-google x-google-foo x-goog-foo x-gfe x-azure-ref x-fd-ref ' +
      'webhook-id webhook-signature'
    ).split(' '),
  )('%s is reserved in any letter case', (name) => {
    expect(headerNameProblem(name)).toContain('reserved');
    expect(headerNameProblem(name.toUpperCase())).toContain('reserved');
  });
});

describe('the value of a custom header', () => {
  it.each(['', 'plain', 'with\ttab and spaces ', 'naïve £', 'x'.repeat(4096)])('%.20j is fine', (value) => {
    expect(headerValueProblem(value)).toBeNull();
  });

  it('may have 4096 bytes', () => {
    expect(headerValueProblem('x'.repeat(4097))).toContain('4096');
  });

  it.each(['a\r\nSvix-Id: b', 'a\nb', 'a\rb', 'a\0', '\x07', '\x7f', '\x85', '€', '💌'])(
    '%j is not legal, and not repeated',
    (value) => {
      const problem = headerValueProblem(value);
      expect(problem).toContain('control characters');
      expect(problem).not.toContain(value);
    },
  );
});

describe('sensitive headers', () => {
  it.each([
    'Authorization',
    'proxy-authorization',
    'Proxy-Authenticate',
    'WWW-Authenticate',
    'X-API-Key',
    'x-auth-token',
    'Cookie',
    'X-Secret',
    'Api-Key',
    'ApiKey',
    'x-authorization',
    'X-Access-Token',
    'x-session-id',
    'X-Hub-Signature',
    'Client-Secret',
    'X-Password',
    'x-csrf',
    'X-Pass',
    'x_user_pat',
    'X-Otp',
    'X-Passcode',
    'x-sig-v2',
  ])('%s', (name) => {
    expect(isSensitiveHeader(name)).toBe(true);
  });

  it.each(['x-custom', 'x-tenant', 'x-request-id', 'Accept-Language', 'x-environment', 'x-path', 'x-spin', 'x-compass', ''])(
    '%j is not one',
    (name) => {
      expect(isSensitiveHeader(name)).toBe(false);
    },
  );
});
