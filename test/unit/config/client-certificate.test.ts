import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { parseClientCertificate } from '../../../src/config/client-certificate.js';
import { AUTHORITY, CLIENT_CERTIFICATE, CLIENT_KEY } from '../../delivery/client-certificate-files.js';

const other = generateKeyPairSync('ec', {
  namedCurve: 'P-256',
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});
const locked = generateKeyPairSync('ec', {
  namedCurve: 'P-256',
  privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'hidden' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});

describe('a client certificate', () => {
  it.each([
    ['with its key behind it', CLIENT_CERTIFICATE + CLIENT_KEY],
    ['with its key before it, and words between', `${CLIENT_KEY}\nsubject=CN = posthorn.test\n${CLIENT_CERTIFICATE}`],
    ['with line breaks written as \\n', (CLIENT_CERTIFICATE + CLIENT_KEY).replaceAll('\n', '\\n')],
    ['with CR LF', (CLIENT_CERTIFICATE + CLIENT_KEY).replaceAll('\n', '\r\n')],
  ])('is read %s', (_, text) => {
    const parsed = parseClientCertificate(text);
    expect(parsed).toMatchObject({ validTo: expect.stringMatching(/^21\d\d-/) });
    expect(parsed).not.toHaveProperty('problem');
  });

  it('is followed by its chain', () => {
    expect(parseClientCertificate(CLIENT_CERTIFICATE + AUTHORITY + CLIENT_KEY)).toMatchObject({
      chain: `${CLIENT_CERTIFICATE.trim()}\n${AUTHORITY.trim()}`,
    });
  });

  it.each([
    ['is no PEM', 'hidden', 'no -----BEGIN CERTIFICATE-----'],
    ['has no key', CLIENT_CERTIFICATE, 'one private key in PEM (-----BEGIN PRIVATE KEY-----), not 0'],
    ['has two keys', CLIENT_CERTIFICATE + CLIENT_KEY + other.privateKey, 'not 2'],
    ['has the key of another', CLIENT_CERTIFICATE + other.privateKey, 'the key belongs to another one'],
    ['begins with its chain', AUTHORITY + CLIENT_CERTIFICATE + CLIENT_KEY, 'must begin with the certificate of its private key'],
    ['has a key with a passphrase', CLIENT_CERTIFICATE + locked.privateKey, 'without a passphrase'],
    ['has a damaged key', CLIENT_CERTIFICATE + CLIENT_KEY.replace('MIG', 'AAA'), 'private key that can be read'],
    ['has a damaged certificate', CLIENT_CERTIFICATE.replace('MII', 'AAA') + CLIENT_KEY, 'one of them is damaged'],
    ['has a damaged chain', CLIENT_CERTIFICATE + AUTHORITY.replace('MII', 'AAA') + CLIENT_KEY, 'one of them is damaged'],
  ])('that %s is refused, without repeating it', (_, text, part) => {
    const { problem } = parseClientCertificate(text) as { problem: string };
    expect(problem).toContain(part);
    expect(problem).toMatch(/^must .*\.$/);
    for (const secret of ['hidden', ...CLIENT_KEY.split('\n').slice(1, 3)]) expect(problem).not.toContain(secret);
  });
});
