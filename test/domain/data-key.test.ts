import { describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { dataKeyId, dataKeyIn, isOfKmsKey, openWith, sealWith } from '../../src/domain/data-key.js';
import { Sealer, sealedWith } from '../../src/domain/sealing.js';

const NOW = Date.UTC(2026, 0, 31, 23, 59);
const key = { id: dataKeyId('alias/mine', NOW, 0), plain: randomBytes(32) };
const BINDING = ['endpoint', 'org_1', 'app_1', 'ep_1', 'secret'];

describe('a data key', () => {
  it('has the same id all day for one KMS key, and another one for another day, KMS key or number', () => {
    expect(key.id).toMatch(/^20260131-[0-9a-f]{8}-0$/);
    expect(dataKeyId('alias/mine', Date.UTC(2026, 0, 31), 0)).toBe(key.id);
    const others = [dataKeyId('alias/mine', NOW + 60_000, 0), dataKeyId('alias/other', NOW, 0), dataKeyId('alias/mine', NOW, 1)];
    expect(new Set([key.id, ...others]).size).toBe(4);
  });

  it.each(['', 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'x'.repeat(10_000)])('opens what it sealed: %.40s', (text) => {
    expect(openWith(key, sealWith(key, text, BINDING), BINDING)).toBe(text);
  });

  it('is named by what it sealed', () => {
    const sealed = sealWith(key, 'text', BINDING);
    expect([dataKeyIn(sealed), sealedWith(sealed)]).toEqual([key.id, `s3.${key.id}`]);
    expect([isOfKmsKey(sealed, 'alias/mine'), isOfKmsKey(sealed, 'alias/other')]).toEqual([true, false]);
  });

  it.each([
    ['another binding', key, [...BINDING.slice(0, 3), 'ep_2', 'secret']],
    ['another key', { ...key, plain: randomBytes(32) }, BINDING],
  ])('does not open with %s', (_what, other, binding) => {
    expect(() => openWith(other, sealWith(key, 'text', BINDING), binding)).toThrow(/changed since, or copied from elsewhere/);
  });

  it('is not in what ENCRYPTION_KEY sealed, and that opens no text of a data key', () => {
    const sealer = new Sealer([randomBytes(32)]);
    expect(dataKeyIn(sealer.seal('text', BINDING))).toBeNull();
    expect(() => sealer.open(sealWith(key, 'text', BINDING), BINDING)).toThrow('Not a sealed text');
  });
});
