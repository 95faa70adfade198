import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const PROJECT = resolve(import.meta.dirname, '../..');
const MAX_LINES = 250;
const MAX_REPOSITORY_LINES = 300;

function filesIn(folder: string): string[] {
  return readdirSync(join(PROJECT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name).slice(PROJECT.length + 1))
    .sort();
}

const textOf = (file: string) => readFileSync(join(PROJECT, file), 'utf8');

describe('the source files', () => {
  const sources = filesIn('src');

  it('are short enough to be read in one go', () => {
    const tooLong = [...sources, ...filesIn('infra/supply')]
      .map((file) => ({ file, lines: textOf(file).trimEnd().split('\n').length }))
      .filter(({ file, lines }) => (file.endsWith('.repository.ts') ? lines > MAX_REPOSITORY_LINES : lines >= MAX_LINES));

    expect(tooLong).toEqual([]);
  });

  it('have no barrels', () => {
    expect(sources.filter((file) => file.endsWith('/index.ts'))).toEqual([]);
  });

  it('read the environment in one place only', () => {
    // What starts things hands the whole of it to config/.
    const givers = ['src/main.ts', 'src/cli.ts'];
    const readers = sources.filter((file) => !file.startsWith('src/config/') && textOf(file).includes('process.env'));

    expect(readers.filter((file) => !givers.includes(file))).toEqual([]);
  });
});

describe('the tests', () => {
  it('are neither singled out nor left out', () => {
    const marked = /\b(describe|it|test)(\.each)?\.(only|skip|todo|failing)\b|\b(fdescribe|fit|xdescribe|xit|xtest)\(/;

    expect(filesIn('test').filter((file) => marked.test(textOf(file)))).toEqual([]);
  });
  it('that run against a service in another container do not reach into it: name the others in jest.compose.config.mjs', async () => {
    const config = join(PROJECT, 'jest.compose.config.mjs');
    const inCompose: { testMatch: string[] } = (await import(config)).default;
    const files = inCompose.testMatch.map((file) => file.replace('<rootDir>/', ''));
    const reaches = /\.nest\b|startApp\([^)]/;

    expect(files.filter((file) => reaches.test(textOf(file)))).toEqual([]);
  });
});
