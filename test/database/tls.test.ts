import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { regions } from '../../infra/lib/regions.js';
import { tlsOf } from '../../src/database/tls.js';

const PROJECT = resolve(import.meta.dirname, '../..');
const BUNDLE = readFileSync(join(PROJECT, 'certificates/rds-ca-bundle.pem'), 'utf8');
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;
const KINDS = ['ECC384 G1', 'RSA2048 G1', 'RSA4096 G1'];
/** Not in the driver's own list of 2024. */
const NEWER = ['ap-east-2', 'ap-southeast-5', 'ap-southeast-6', 'ap-southeast-7', 'ca-west-1', 'il-central-1', 'mx-central-1'];

const url = (ssl: string) => `mysql://app:pw@db.example.com:3306/posthorn?ssl=${encodeURIComponent(ssl)}`;

describe('the certificates of Amazon RDS', () => {
  const roots = BUNDLE.match(CERTIFICATE)!.map((pem) => new X509Certificate(pem));
  const nameOf = ({ subject }: X509Certificate) => /^CN=(.+)$/m.exec(subject)![1]!;
  const named = new Map(roots.map((root) => [nameOf(root), root]));

  it.each([...new Set([...Object.keys(regions), ...NEWER])].sort())('has all three roots of %s', (region) => {
    const names = KINDS.map((kind) => `Amazon RDS ${region} Root CA ${kind}`);

    expect(names.filter((name) => !named.has(name))).toEqual([]);
  });

  it('are roots: certificate authorities that signed themselves, and none is given twice', () => {
    const faults = roots.filter((root) => !root.ca || root.subject !== root.issuer || !root.verify(root.publicKey));

    expect(faults.map(nameOf)).toEqual([]);
    expect(named.size).toBe(roots.length);
  });

  it('are valid for years', () => {
    const inFiveYears = Date.now() + 5 * 365 * 86_400_000;

    expect(roots.filter(({ validTo }) => Date.parse(validTo) < inFiveYears).map(nameOf)).toEqual([]);
  });

  it('are in the image, where the program looks for them', () => {
    const dockerfile = readFileSync(join(PROJECT, 'Dockerfile'), 'utf8');

    expect(dockerfile.slice(dockerfile.lastIndexOf('\nFROM '))).toContain('\nCOPY certificates ./certificates\n');
    expect(readFileSync(join(PROJECT, '.dockerignore'), 'utf8').split('\n')).toContain('!certificates');
  });
});

describe('the TLS setting of DATABASE_URL', () => {
  const folder = mkdtempSync(join(tmpdir(), 'posthorn-ca-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('is nothing without ssl', () => {
    expect(tlsOf('mysql://app:pw@db.example.com/posthorn')).toBeUndefined();
  });

  it.each([
    'mysql://app:pw@db.example.com:3306/posthorn?ssl=Amazon%20RDS',
    'mariadb://app:pw@db.example.com/posthorn?ssl=Amazon+RDS',
  ])('is the shipped certificates in %s', (mysqlUrl) => {
    expect(tlsOf(mysqlUrl)).toEqual({ ca: BUNDLE });
  });

  it('is the options in JSON', () => {
    expect(tlsOf(url('{"rejectUnauthorized":true,"ca":"a PEM text"}'))).toEqual({ rejectUnauthorized: true, ca: 'a PEM text' });
  });

  it('may name a file with the certificates to trust', () => {
    const caFile = join(folder, 'ca.pem');
    const [pem] = BUNDLE.match(CERTIFICATE)!;
    writeFileSync(caFile, `${pem}\n`);

    expect(tlsOf(url(JSON.stringify({ caFile, verifyIdentity: true })))).toEqual({ ca: `${pem}\n`, verifyIdentity: true });
  });

  it.each([
    ['a file that is not there', '/nowhere/ca.pem', "caFile in DATABASE_URL (/nowhere/ca.pem) can't be read."],
    ['no path', 7.5, "caFile in DATABASE_URL (7.5) can't be read."],
    [
      'a file without certificates',
      join(PROJECT, 'LICENSE'),
      `caFile in DATABASE_URL (${PROJECT}/LICENSE) has no certificate in it.`,
    ],
  ])('is refused with %s', (_name, caFile, message) => {
    expect(() => tlsOf(url(JSON.stringify({ caFile })))).toThrow(message);
  });

  it('is refused if it is broken JSON', () => {
    expect(() => tlsOf(url('{caFile'))).toThrow('ssl in DATABASE_URL is not valid JSON.');
  });
});
