import { existsSync, globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const PROJECT = resolve(import.meta.dirname, '../..');
const TOP = ['README.md', 'package.json', 'package-lock.json', 'taskdef.json'];

const text = readFileSync(resolve(PROJECT, 'CONTRIBUTING.md'), 'utf8');
const [recipes = ''] = text.slice(text.indexOf('\n## Recipes\n')).split('\n## House rules\n');

describe('the recipes in CONTRIBUTING.md', () => {
  it('name files that exist', () => {
    const names = [...recipes.matchAll(/`((?:src|test|docs|infra)\/[\w./-]+|[\w.-]+\.(?:md|json))`/g)].map(([, name]) => name!);
    const missing = names.filter((name) => !existsSync(resolve(PROJECT, name)));

    expect(names.length).toBeGreaterThan(30);
    expect(names.filter((name) => !name.includes('/')).every((name) => TOP.includes(name))).toBe(true);
    expect(missing).toEqual([]);
  });

  it('name functions, decorators and constants that exist', () => {
    const sources = globSync('{src,test,infra/lib}/**/*.{ts,mjs}', { cwd: PROJECT }).map((file) =>
      readFileSync(resolve(PROJECT, file), 'utf8'),
    );
    const names = [...recipes.matchAll(/`@?([A-Za-z]\w+)(?:\(\))?`/g)].map(([, name]) => name!);
    const missing = names.filter((name) => !sources.some((source) => new RegExp(`\\b${name}\\b`).test(source)));

    expect(names.length).toBeGreaterThan(10);
    expect(missing).toEqual([]);
  });

  it.each([
    'A new operation of the API',
    'A new property of an endpoint',
    'A new setting',
    'A new metric',
    'A new log event',
    'A new migration',
    'An upgrade of Nest or TypeORM',
  ])('are there for: %s', (title) => {
    expect(text).toContain(`\n### ${title}\n`);
  });
});
