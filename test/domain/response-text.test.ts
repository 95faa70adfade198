import { describe, expect, it } from '@jest/globals';
import { RESPONSE_BYTES_KEPT, responseText } from '../../src/domain/response-text.js';

describe('responseText', () => {
  it.each(['', 'ok', '{"a":"ü€💌"}', 'nul \0 and bell \x07', '\ufeffmarked'])('keeps text as it is: %j', (text) => {
    expect(responseText(Buffer.from(text))).toBe(text);
  });

  it.each([
    ['a stray continuation byte', Buffer.from([0x61, 0x80])],
    ['Latin-1', Buffer.from('naïve', 'latin1')],
    ['a short body that ends inside a character', Buffer.from('€').subarray(0, 2)],
    ['a picture', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0xff, 0x00])],
  ])('gives base64 for %s', (_, bytes) => {
    expect(responseText(bytes)).toBe(bytes.toString('base64'));
  });

  it('keeps 20,000 bytes of text', () => {
    expect(responseText(Buffer.from('x'.repeat(50_000)))).toBe('x'.repeat(20_000));
    expect(responseText(Buffer.from('x'.repeat(20_000)))).toBe('x'.repeat(20_000));
  });

  it.each(['é', '€', '💌'])('does not cut %s in half', (character) => {
    const size = Buffer.byteLength(character);
    for (let shift = 0; shift < size; shift++) {
      const bytes = Buffer.from('x'.repeat(shift) + character.repeat(10_000));
      const kept = 'x'.repeat(shift) + character.repeat(Math.floor((RESPONSE_BYTES_KEPT - shift) / size));
      expect(responseText(bytes)).toBe(kept);
      expect(responseText(bytes.subarray(0, RESPONSE_BYTES_KEPT))).toBe(kept);
    }
  });

  it('judges only what it keeps', () => {
    expect(responseText(Buffer.concat([Buffer.alloc(20_000, 'x'), Buffer.from([0xff])]))).toBe('x'.repeat(20_000));
  });

  it('gives base64 of the first 20,000 bytes of a long binary body', () => {
    const bytes = Buffer.alloc(30_000, 0xfe);
    expect(responseText(bytes)).toBe(bytes.subarray(0, 20_000).toString('base64'));
  });
});
