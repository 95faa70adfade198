import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { migrationVariables, variables } from '../../src/config/variables.js';

const ALL = { ...variables.shape, ...migrationVariables.shape };
const README = resolve(import.meta.dirname, '../../README.md');

/** The rows that begin with "| `NAME` | meaning", under the heading until the next of its kind. */
function tableRows(markdown: string, heading: string): { name: string; meaning: string }[] {
  const [, section = ''] = `\n${markdown}`.split(`\n## ${heading}\n`);
  const [text = ''] = section.split(/\n##? /);
  return [...text.matchAll(/^\| `([A-Z][A-Z0-9_]*)` *\| (.*?) *\|$/gm)].map(([, name, meaning]) => ({
    name: name!,
    meaning: meaning!,
  }));
}

describe("the README's configuration table", () => {
  const rows = tableRows(readFileSync(README, 'utf8'), 'Configuration');

  it('names every variable once, and none that does not exist', () => {
    expect(rows.map(({ name }) => name).toSorted()).toEqual(Object.keys(ALL).toSorted());
  });

  it('has the meanings that the code gives, without regard to links, code marks and defaults', () => {
    const written = rows.map(({ name, meaning }) => [
      name,
      meaning
        .replace(/ \(default `[^`]*`\)$/, '')
        .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
        .replaceAll('`', ''),
    ]);
    const meant = Object.entries(ALL).map(([name, { description }]) => [name, description]);

    expect(Object.fromEntries(written)).toEqual(Object.fromEntries(meant));
  });
});
