import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { faultsOf, licencesOf, listOf, textsOf } from '../../infra/supply/licences.js';

const PROJECT = resolve(import.meta.dirname, '../..');

describe('the licences of this project', () => {
  const rows = licencesOf(PROJECT);

  it('are all among those that are allowed', () => {
    expect(faultsOf(rows)).toEqual([]);
  });

  it('are those of the packages of production, and of no tool', () => {
    const names = rows.map(({ name }) => name);

    expect(names).toEqual(expect.arrayContaining(['fastify', 'mysql2', 'typeorm', '@nestjs/core']));
    expect(names).not.toContain('jest');
    expect(names).not.toContain('typescript');
  });
});

describe('a list of licences', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'posthorn-licences-'));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const write = (path: string, content: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  };
  const install = (name: string, own: object, files: Record<string, string> = {}) => {
    write(`node_modules/${name}/package.json`, JSON.stringify({ name, version: '1.0.0', ...own }));
    for (const [file, text] of Object.entries(files)) write(`node_modules/${name}/${file}`, text);
  };
  const lock = (packages: Record<string, object>) => {
    const paths = Object.entries(packages).map(([name, one]) => [`node_modules/${name}`, one]);
    write('package-lock.json', JSON.stringify({ packages: { '': {}, ...Object.fromEntries(paths) } }));
  };
  const faultsFor = (license: unknown) => {
    install('a', license === undefined ? {} : { license });
    lock({ a: {} });
    return faultsOf(licencesOf(root));
  };

  it.each(['MIT', '(MIT OR GPL-3.0-only)', 'GPL-2.0-only OR (Apache-2.0 AND MIT)', { type: 'ISC' }])('takes %j', (license) => {
    expect(faultsFor(license)).toEqual([]);
  });

  it.each([
    'GPL-3.0-only',
    'AGPL-3.0-or-later',
    'MIT AND SSPL-1.0',
    'Apache-2.0 WITH LLVM-exception',
    'SEE LICENSE IN LICENSE.txt',
    'UNLICENSED',
    '(MIT',
    'MIT)',
  ])('refuses %s, and says what to do', (license) => {
    expect(faultsFor(license)).toEqual([expect.stringMatching(/^a 1\.0\.0 has the licence .* Replace the package, or decide/)]);
  });

  it('refuses a package without a licence', () => {
    expect(faultsFor(undefined)).toEqual([expect.stringContaining('a 1.0.0 states no licence')]);
  });

  it('takes the old form, a list', () => {
    install('a', { licenses: [{ type: 'MIT' }, { type: 'GPL-2.0' }] });
    lock({ a: {} });

    expect(faultsOf(licencesOf(root))).toEqual([]);
  });

  it('leaves out tools, and optional packages that are not installed', () => {
    install('a', { license: 'MIT' });
    install('tool', { license: 'GPL-3.0-only' });
    lock({ a: {}, tool: { dev: true }, other: { optional: true }, either: { devOptional: true } });

    expect(licencesOf(root).map(({ name }) => name)).toEqual(['a']);
  });

  it('says that packages are to be installed', () => {
    lock({ a: {} });

    expect(() => licencesOf(root)).toThrow('node_modules/a is not installed. Run npm ci');
  });

  it('names each package with its licence and the files with its text', () => {
    install('a', { license: 'MIT' }, { 'LICENSE.md': 'Text', NOTICE: 'Notice', 'license-check.js': '' });
    install('b', { license: 'ISC' });
    lock({ a: {}, b: {} });

    expect(listOf(licencesOf(root))).toBe('a 1.0.0\tMIT\tLICENSE.md, NOTICE\nb 1.0.0\tISC\tno text');
  });

  it('contains a text that two packages share once, under both names', () => {
    install('a', { license: 'MIT' }, { LICENSE: 'The text\r\n' });
    install('b', { license: 'MIT' }, { LICENCE: 'The text' });
    lock({ a: {}, b: {} });
    const text = textsOf(root, licencesOf(root));

    expect(text.split('The text')).toHaveLength(2);
    expect(text).toContain('a 1.0.0 (LICENSE)\nb 1.0.0 (LICENCE)');
  });
});
