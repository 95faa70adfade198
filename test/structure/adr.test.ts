import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const ROOT = resolve(import.meta.dirname, '../..');
const FOLDER = join(ROOT, 'docs/adr');

/** The decisions' files, with the number and the title that each has inside. */
function decisions(): { file: string; number: number; title: string }[] {
  return readdirSync(FOLDER)
    .filter((file) => /^\d/.test(file))
    .sort()
    .map((file) => {
      const [, number, title] = /^# (\d+)\. (.+)\n/.exec(readFileSync(join(FOLDER, file), 'utf8')) ?? [];
      return { file, number: Number(number), title: title ?? '' };
    });
}

describe('the decisions', () => {
  it('have a number each, in the name and in the title alike', () => {
    const all = decisions();

    expect(all.map(({ file }) => Number(file.slice(0, 4)))).toEqual(all.map(({ number }) => number));
    expect(new Set(all.map(({ number }) => number)).size).toBe(all.length);
  });

  it('are all in the list, by number and title, and nothing else is', () => {
    const list = readFileSync(join(FOLDER, 'README.md'), 'utf8');
    const rows = [...list.matchAll(/^\| +(\d+) \| \[(.+)\]\((\S+)\)/gm)];

    expect(rows.map(([, number, title, file]) => ({ file, number: Number(number), title }))).toEqual(decisions());
  });
});

describe('links to files', () => {
  it('in Markdown lead to files that exist', () => {
    const pages = [...globSync('{*,docs/**/*,bench/*}.md', { cwd: ROOT })].filter((page) => !page.includes('node_modules'));
    const broken = pages.flatMap((page) =>
      targetsIn(readFileSync(join(ROOT, page), 'utf8'))
        .filter((target) => !existsSync(resolve(ROOT, dirname(page), target)))
        .map((target) => `${page}: ${target}`),
    );

    expect(pages.length).toBeGreaterThan(50);
    expect(broken).toEqual([]);
  });

  it('to decisions in comments lead to files that exist', () => {
    const sources = globSync('{src,test,bench}/**/*.ts', { cwd: ROOT });
    const named = sources.flatMap((source) => readFileSync(join(ROOT, source), 'utf8').match(/docs\/adr\/[\w-]+\.md/g) ?? []);

    expect(named.filter((name) => !existsSync(join(ROOT, name)))).toEqual([]);
  });
});

/** Relative targets of the links of a page, without anchors. */
function targetsIn(markdown: string): string[] {
  return [...markdown.matchAll(/\]\(([^()\s#]+)(?:#[^()\s]*)?\)/g)]
    .map(([, target]) => target!)
    .filter((target) => !/^[a-z]+:/.test(target));
}
