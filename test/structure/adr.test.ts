import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const FOLDER = resolve(import.meta.dirname, '../../docs/adr');

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
