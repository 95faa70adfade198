import { describe, expect, it } from '@jest/globals';
import type { z } from 'zod';
import { headersIn, headersPatch } from '../../../src/api/endpoint/endpoint-headers.schemas.js';
import { secretRotation } from '../../../src/api/endpoint/endpoint-secret.schemas.js';
import { endpointIn, endpointPatch, endpointUpdate } from '../../../src/api/endpoint/endpoint.schemas.js';

const URL = 'https://example.com/';

const pathsOf = (schema: z.ZodType, body: unknown) => schema.safeParse(body).error?.issues.map((issue) => issue.path.join('.'));

describe('the body of a new endpoint', () => {
  it('needs no more than a URL', () => {
    expect(endpointIn.parse({ url: URL })).toEqual({
      url: URL,
      description: '',
      uid: null,
      throttleRate: null,
      version: 1,
      disabled: false,
      eventTypes: null,
      channels: null,
      metadata: {},
      secret: null,
      headers: {},
    });
  });

  it.each([
    ['a malformed event type', { eventTypes: ['a b'] }, 'eventTypes.0'],
    ['both names of the event types', { eventTypes: ['a'], filterTypes: ['a'] }, 'eventTypes'],
    ['an empty list of channels', { channels: [] }, 'channels'],
    ['eleven channels', { channels: Array.from({ length: 11 }, (_, at) => `c${at}`) }, 'channels'],
    ['a uid that looks like an id', { uid: 'ep_1' }, 'uid'],
    ['a throttle rate of zero', { throttleRate: 0 }, 'throttleRate'],
    ['a throttle rate beyond 16 bits', { rateLimit: 65_536 }, 'rateLimit'],
    ['a throttle rate in words', { throttleRate: '5' }, 'throttleRate'],
    ['version zero', { version: 0 }, 'version'],
    ['a description with a control character', { description: 'a\u0001' }, 'description'],
    ['a URL of more than 8192 characters', { url: URL + 'a'.repeat(8192) }, 'url'],
    ['metadata that is no text', { metadata: { a: 1 } }, 'metadata.a'],
    ['a reserved header', { headers: { 'Content-Length': '1' } }, 'headers.Content-Length'],
    ['a secret without prefix', { secret: 'a'.repeat(32) }, 'secret'],
  ])('refuses %s', (_, fields, path) => {
    expect(pathsOf(endpointIn, { url: URL, ...fields })).toEqual([path]);
  });

  it('does not repeat a secret in its complaint', () => {
    const secret = 'whsec_dG9vIHNob3J0';

    expect(endpointIn.safeParse({ url: URL, secret }).error?.message).not.toContain(secret);
  });

  it('counts repeated names once', () => {
    expect(endpointIn.parse({ url: URL, channels: ['a', 'b', 'a'] }).channels).toEqual(['a', 'b']);
  });

  it('understands the old names', () => {
    expect(endpointIn.parse({ url: URL, filterTypes: ['a'], rateLimit: 5 })).toMatchObject({
      eventTypes: ['a'],
      throttleRate: 5,
    });
  });

  it('prefers the new name of the throttle rate', () => {
    expect(endpointIn.parse({ url: URL, throttleRate: 7, rateLimit: 5 }).throttleRate).toBe(7);
  });
});

describe('the body of a replacement', () => {
  it('carries neither a secret nor headers', () => {
    const body = endpointUpdate.parse({ url: URL, secret: 'whsec_x', headers: { a: 'b' } });

    expect(Object.keys(body)).not.toEqual(expect.arrayContaining(['secret', 'headers']));
  });
});

describe('the body of a patch', () => {
  it('changes nothing that it does not name', () => {
    expect(endpointPatch.parse({})).toEqual({});
  });

  it.each(['url', 'description', 'disabled', 'version'])('refuses to clear %s', (key) => {
    expect(pathsOf(endpointPatch, { [key]: null })).toEqual([key]);
  });

  it.each(['uid', 'throttleRate', 'eventTypes', 'channels'])('clears %s by null', (key) => {
    expect(endpointPatch.parse({ [key]: null })).toEqual({ [key]: null });
  });

  it('clears by the old names too', () => {
    expect(endpointPatch.parse({ rateLimit: null, filterTypes: null })).toEqual({ throttleRate: null, eventTypes: null });
  });

  it('empties metadata', () => {
    expect(endpointPatch.parse({ metadata: {} })).toEqual({ metadata: {} });
  });
});

describe('custom headers', () => {
  it.each(['Content-Length', 'some:thing', 'a\u0000b', 'svix-foo', 'X-Svix-Foo', 'x-amzn-foo'])('may not be named %j', (name) => {
    expect(headersIn.safeParse({ headers: { [name]: 'a' } }).success).toBe(false);
    expect(headersPatch.safeParse({ headers: { [name]: 'a' } }).success).toBe(false);
  });

  it('may not have a value of more than 4096 bytes', () => {
    expect(headersPatch.safeParse({ headers: { a: 'b'.repeat(4097) } }).success).toBe(false);
  });

  it('may not be null in a replacement', () => {
    expect(headersIn.safeParse({ headers: { a: null } }).success).toBe(false);
  });

  it('are deleted by null and by name', () => {
    expect(headersPatch.parse({ headers: { a: null, b: '1' }, deleteHeaders: ['c'] })).toEqual({ a: null, b: '1', c: null });
  });

  it('are wanted in a patch one way or the other', () => {
    expect(headersPatch.safeParse({}).success).toBe(false);
  });
});

describe('the body of a rotation', () => {
  it('may be empty', () => {
    expect(secretRotation.parse({})).toEqual({});
  });

  it.each([-1, 604_801, 1.5])('refuses a grace period of %d seconds', (gracePeriodSeconds) => {
    expect(pathsOf(secretRotation, { gracePeriodSeconds })).toEqual(['gracePeriodSeconds']);
  });
});
