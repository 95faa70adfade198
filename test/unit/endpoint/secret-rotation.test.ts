import { describe, expect, it } from '@jest/globals';
import { MAX_OLD_SECRETS, rotatedSecrets } from '../../../src/api/endpoint/secret-rotation.js';

const NOW = 1_700_000_000_000;
const HOUR = 3_600_000;

const current = (sealed: string) => ({ sealed, expiresAt: null });
const old = (sealed: string, expiresAt: number) => ({ sealed, expiresAt });

describe('a rotation', () => {
  it('puts the new secret first and lets the one before it sign for the grace period', () => {
    expect(rotatedSecrets([current('a')], 'b', HOUR, NOW)).toEqual([current('b'), old('a', NOW + HOUR)]);
  });

  it('drops the secret before it at once without a grace period', () => {
    expect(rotatedSecrets([current('a')], 'b', 0, NOW)).toEqual([current('b')]);
  });

  it('sorts earlier secrets by expiry, whatever the order of their rotations', () => {
    const secrets = [current('b'), old('a', NOW + 5 * HOUR)];

    expect(rotatedSecrets(secrets, 'c', HOUR, NOW)).toEqual([current('c'), old('b', NOW + HOUR), old('a', NOW + 5 * HOUR)]);
  });

  it('drops secrets that have expired', () => {
    expect(rotatedSecrets([current('b'), old('a', NOW)], 'c', HOUR, NOW)).toEqual([current('c'), old('b', NOW + HOUR)]);
  });

  const full = [current('now'), ...Array.from({ length: MAX_OLD_SECRETS }, (_, at) => old(`old${at}`, NOW + HOUR + at))];

  it('is refused where more than ten earlier secrets would sign', () => {
    expect(rotatedSecrets(full, 'next', HOUR, NOW)).toBeNull();
  });

  it('is possible again once one of ten has expired', () => {
    expect(rotatedSecrets(full, 'next', HOUR, NOW + HOUR)).toHaveLength(11);
  });

  it('is possible beside ten earlier secrets if the current one ends at once', () => {
    expect(rotatedSecrets(full, 'next', 0, NOW)).toHaveLength(11);
  });
});
