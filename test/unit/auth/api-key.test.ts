import { describe, expect, it } from '@jest/globals';
import { apiKeyHash, isApiKey, looksLikeApiKey, newApiKey } from '../../../src/domain/api-key.js';

describe('an API key', () => {
  it('is recognised by its prefix and its checksum', () => {
    for (let n = 0; n < 100; n++) expect([looksLikeApiKey(newApiKey()), isApiKey(newApiKey())]).toEqual([true, true]);
  });

  it('is refused with any one character changed', () => {
    const key = newApiKey();
    for (let at = 0; at < key.length; at++) {
      const other = key[at] === 'a' ? 'b' : 'a';
      expect(isApiKey(key.slice(0, at) + other + key.slice(at + 1))).toBe(false);
    }
  });

  it('is stored as another hash than any other', () => {
    expect(new Set([newApiKey(), newApiKey()].map(apiKeyHash)).size).toBe(2);
    expect(apiKeyHash(newApiKey())).toMatch(/^[A-Za-z0-9_-]{43}$/);
  });
});
