import { describe, expect, it } from '@jest/globals';
import { BadConfiguration, loadConfig } from '../../../src/config/config.js';

const [A, B, C] = ['a'.repeat(32), 'b'.repeat(40), 'c'.repeat(64)] as const;
const PRODUCTION = {
  NODE_ENV: 'production',
  DATABASE_URL: 'mysql://posthorn:pw@db:3306/posthorn',
  REDIS_URL: 'rediss://cache:6379',
  SQS_QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/123456789012/posthorn',
  ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
  PUBLIC_URL: 'https://hooks.example.com',
};

const generated = { jwtSecret: 'generated', encryptionKey: Buffer.alloc(32, 1).toString('base64') };
const authOf = (JWT_SECRET: string, env: Record<string, string> = {}) => loadConfig({ ...env, JWT_SECRET }, () => generated).auth;

function faults(JWT_SECRET: string, env: Record<string, string> = PRODUCTION): readonly string[] {
  try {
    authOf(JWT_SECRET, env);
  } catch (error) {
    if (error instanceof BadConfiguration) return error.faults;
    throw error;
  }
  return [];
}

describe('JWT_SECRET', () => {
  it.each([A, ' with white space around ', 'back\\slash', 'line\n', '%2C'])(
    'without a comma is one secret, unchanged: %j',
    (secret) => {
      expect(authOf(secret)).toEqual({ jwtSecret: secret, verifyingSecrets: [secret] });
    },
  );

  it('that is generated is one secret', () => {
    expect(loadConfig({}, () => generated).auth).toEqual({ jwtSecret: 'generated', verifyingSecrets: ['generated'] });
  });

  it('with commas is a list: the first signs, all verify, and so does the whole value', () => {
    const { jwtSecret, verifyingSecrets } = authOf(`${A},${B},${C}`, PRODUCTION);

    expect(jwtSecret).toBe(A);
    expect(verifyingSecrets).toEqual([A, B, C, `${A},${B},${C}`]);
  });

  it.each([
    ['a comma at the end', `${A},`, A, [A, `${A},`]],
    ['commas side by side', `${A},,${B}`, A, [A, B, `${A},,${B}`]],
    ['a comma at the beginning', ` ,${A}`, A, [A, ` ,${A}`]],
    ['white space behind a comma', `${A}, ${B}`, A, [A, ` ${B}`, B, `${A}, ${B}`]],
    ['a line break at the end of a secret', `${A}\n,${B}`, `${A}\n`, [`${A}\n`, B, A, `${A}\n,${B}`]],
    ['a comma inside a secret', `${A}\\,x,${B}`, `${A},x`, [`${A},x`, B, `${A}\\,x,${B}`]],
    ['nothing but such a secret', `a\\,${B}`, `a,${B}`, [`a,${B}`, `a\\,${B}`]],
  ])('may have %s', (_what, text, signing, verifying) => {
    expect(authOf(text, PRODUCTION)).toEqual({ jwtSecret: signing, verifyingSecrets: verifying });
  });

  it.each([',', ' , ', ',,,'])('must have a secret: %j is refused', (text) => {
    expect(faults(text, {})).toEqual(['JWT_SECRET must be a secret (a comma-separated list while secrets change).']);
  });

  it('verifies with no empty secret', () => {
    for (const text of [`${A},`, `,${A}`, `${A}, ,${B}`, `${A},\n`])
      expect(authOf(text).verifyingSecrets.every((secret) => secret.trim() !== '')).toBe(true);
  });
});

describe('in production each secret has at least 32 characters', () => {
  it.each([A, `${A},${B}`, `${A}, ${B}`, `${'x'.repeat(20)}\\,${'y'.repeat(20)}`])('as in %s', (text) => {
    expect(faults(text)).toEqual([]);
  });

  it('or the fault is the one of a single secret', () => {
    expect(faults('x'.repeat(31))).toEqual(['JWT_SECRET is too short for production: use at least 32 characters.']);
    expect(faults('x\\,y')).toEqual(['JWT_SECRET is too short for production: use at least 32 characters.']);
  });

  it.each([
    ['second', `${A},squeamish`, [2], 2],
    ['first', `squeamish,${A}`, [1], 2],
    ['second, padded with white space', `${A},squeamish${' '.repeat(32)}`, [2], 2],
    ['first and third', `squeamish,${A},ossifrage`, [1, 3], 3],
  ])('or the fault names the place, never the secret: the %s', (_what, text, places, count) => {
    const found = faults(text);

    expect(found).toHaveLength(places.length);
    for (const [index, place] of places.entries())
      expect(found[index]).toContain(`is a list of ${count} secrets, and number ${place} is too short for production`);
    expect(found.join()).toContain('write \\, for it');
    expect(found.join()).not.toMatch(/squeamish|ossifrage|aaa/);
  });

  it('and elsewhere any length will do', () => {
    expect(authOf('a,b').jwtSecret).toBe('a');
  });
});
