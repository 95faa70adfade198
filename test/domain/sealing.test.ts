import { describe, expect, it } from '@jest/globals';
import { createHash, randomBytes } from 'node:crypto';
import { SealBroken } from '../../src/domain/envelope.js';
import { Sealer } from '../../src/domain/sealing.js';

const [oldKey, newKey] = [randomBytes(32), randomBytes(32)];
const idOf = (key: Buffer) => createHash('sha256').update(key).digest('hex').slice(0, 8);

function failure(sealer: Sealer, sealed: string): SealBroken {
  try {
    sealer.open(sealed);
  } catch (error) {
    if (error instanceof SealBroken) return error;
    throw error;
  }
  throw new Error('it opened');
}

describe('Sealer', () => {
  it.each(['', 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'ünïcode 💌', 'x'.repeat(10_000)])(
    'opens what it sealed: %.40s',
    (text) => {
      const sealer = new Sealer([newKey]);
      expect(sealer.open(sealer.seal(text))).toBe(text);
    },
  );

  it('seals under the first key, in an envelope that names it', () => {
    expect(new Sealer([newKey, oldKey]).seal('text')).toMatch(new RegExp(`^s1\\.${idOf(newKey)}\\.[A-Za-z0-9_-]+$`));
  });

  it('seals the same text differently each time', () => {
    const sealer = new Sealer([newKey]);
    expect(sealer.seal('text')).not.toBe(sealer.seal('text'));
  });

  it('opens what an older key sealed', () => {
    expect(new Sealer([newKey, oldKey]).open(new Sealer([oldKey]).seal('text'))).toBe('text');
  });

  it('names the key that is missing', () => {
    const error = failure(new Sealer([newKey]), new Sealer([oldKey]).seal('text'));
    expect(error.message).toContain(idOf(oldKey));
  });

  it('notices every changed bit', () => {
    const sealer = new Sealer([newKey]);
    const [version, id, encoded] = sealer.seal('secret').split('.');
    const bytes = Buffer.from(encoded!, 'base64url');
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const changed = Buffer.from(bytes);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      const error = failure(sealer, `${version}.${id}.${changed.toString('base64url')}`);
      expect(error.message).toContain(id);
      expect(error.message).not.toContain('secret');
    }
  });

  it.each(['', 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 's2.00000000.AAAA', 's1.plain.text', 's1.0123abcd.'])(
    'says that %j is not sealed, without quoting it',
    (text) => {
      expect(failure(new Sealer([newKey]), text).message).toBe('Not a sealed text');
    },
  );

  it('notices an envelope that was cut short', () => {
    expect(failure(new Sealer([newKey]), `s1.${idOf(newKey)}.AAAA`).message).toContain('cut short');
  });

  it('binds a text: it opens for the same binding, and for no other', () => {
    const sealer = new Sealer([newKey]);
    const binding = ['endpoint', 'org_1', 'app_1', 'ep_1', 'secret'];
    const sealed = sealer.seal('text', binding);

    expect(sealed).toMatch(new RegExp(`^s2\\.${idOf(newKey)}\\.`));
    expect(sealer.open(sealed, binding)).toBe('text');
    for (const other of [
      null,
      [],
      ['endpoint', 'org_1', 'app_1', 'ep_2', 'secret'],
      ['endpoint', 'org_1', 'app_1', 'ep_1', 'headers'],
      ['endpoint', 'org_1app_1', '', 'ep_1', 'secret'],
      [...binding, ''],
    ])
      expect(() => sealer.open(sealed, other)).toThrow(SealBroken);
  });

  it('opens what an older release sealed, without a binding, for any binding', () => {
    const sealer = new Sealer([newKey]);
    expect(sealer.open(sealer.seal('text'), ['endpoint', 'org_1'])).toBe('text');
  });

  it('does not take a bound text for one without a binding, and the other way round', () => {
    const sealer = new Sealer([newKey]);
    const binding = ['any'];
    expect(() => sealer.open(sealer.seal('text', binding).replace('s2.', 's1.'), binding)).toThrow(SealBroken);
    expect(() => sealer.open(sealer.seal('text').replace('s1.', 's2.'), binding)).toThrow(SealBroken);
  });

  it('says what is sealed as it would seal now', () => {
    const sealer = new Sealer([newKey, oldKey]);
    expect(sealer.isCurrent(sealer.seal('text', ['any']), true)).toBe(true);
    expect(sealer.isCurrent(sealer.seal('text'), true)).toBe(false);
    expect(sealer.isCurrent(new Sealer([oldKey]).seal('text', ['any']), true)).toBe(false);
    expect(sealer.isCurrent(sealer.seal('text'), false)).toBe(true);
  });

  it.each([[[]], [[randomBytes(31)]], [[newKey, randomBytes(16)]]])('refuses unusable keys (case %#)', (keys: Buffer[]) => {
    expect(() => new Sealer(keys)).toThrow(RangeError);
  });
});
