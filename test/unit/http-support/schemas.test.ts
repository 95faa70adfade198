import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { applicationPatch } from '../../../src/api/application/application.schemas.js';
import { applicationIn } from '../../../src/api/http-support/application-in.js';
import { metadata, plainText, throttleRate, uid } from '../../../src/api/http-support/schemas.js';

const accepts = (schema: z.ZodType, value: unknown) => schema.safeParse(value).success;

describe('uid', () => {
  it.each(['a', 'A-b_c.9', 'x'.repeat(256), 'ep_1'])('accepts %s', (text) => {
    expect(accepts(uid('app_'), text)).toBe(true);
  });

  it.each(['', 'x'.repeat(257), 'a b', 'a/b', 'ä', 'app_1', 'a\n', null, 5])('refuses %p', (text) => {
    expect(accepts(uid('app_'), text)).toBe(false);
  });
});

describe('metadata', () => {
  it('takes null for none', () => {
    expect(metadata.parse(null)).toEqual({});
  });

  it('may be 4096 bytes of JSON and no more', () => {
    const filled = (bytes: number) => ({ k: 'x'.repeat(bytes - '{"k":""}'.length) });
    expect(accepts(metadata, filled(4096))).toBe(true);
    expect(accepts(metadata, filled(4097))).toBe(false);
  });

  it('counts bytes and not characters', () => {
    expect(accepts(metadata, { k: 'ä'.repeat(3000) })).toBe(false);
  });

  it.each([[{ k: 1 }], [{ k: null }], [['a']], ['text']])('refuses %p', (value) => {
    expect(accepts(metadata, value)).toBe(false);
  });
});

describe('throttle rate', () => {
  it.each([1, 65_535])('accepts %d', (rate) => {
    expect(accepts(throttleRate, rate)).toBe(true);
  });

  it.each([0, -1, 65_536, 1.5, '5', true])('refuses %p', (rate) => {
    expect(accepts(throttleRate, rate)).toBe(false);
  });
});

describe('plain text', () => {
  it.each(['', 'tab\tand\nline', '🦄'])('accepts %p', (text) => {
    expect(accepts(plainText, text)).toBe(true);
  });

  it.each(['\u0000', 'a\u0008b'])('refuses %p', (text) => {
    expect(accepts(plainText, text)).toBe(false);
  });
});

describe('an application', () => {
  it('has no uid, no rate and empty metadata unless it says so', () => {
    expect(applicationIn.parse({ name: 'a' })).toEqual({ name: 'a', uid: null, throttleRate: null, metadata: {} });
  });

  it('may give its rate by the old name', () => {
    expect(applicationIn.parse({ name: 'a', rateLimit: 5 }).throttleRate).toBe(5);
  });

  it('goes by the new name if both are given', () => {
    expect(applicationIn.parse({ name: 'a', rateLimit: 5, throttleRate: 6 }).throttleRate).toBe(6);
  });

  it('leaves in a patch what is absent', () => {
    expect(Object.values(applicationPatch.parse({}))).toEqual([undefined]);
  });

  it('clears its rate in a patch by either name', () => {
    expect(applicationPatch.parse({ rateLimit: null }).throttleRate).toBeNull();
    expect(applicationPatch.parse({ throttleRate: null }).throttleRate).toBeNull();
  });

  it('can not lose its name', () => {
    expect(accepts(applicationPatch, { name: null })).toBe(false);
  });
});
