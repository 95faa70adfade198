import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { variables } from '../../src/config/variables.js';

const README = resolve(import.meta.dirname, '../../README.md');

/** The names in rows that begin with "| `NAME` |", under the heading until the next of its kind. */
function tableNames(markdown: string, heading: string): string[] {
  const [, section = ''] = `\n${markdown}`.split(`\n## ${heading}\n`);
  const [text = ''] = section.split(/\n##? /);
  return [...text.matchAll(/^\| `([A-Z][A-Z0-9_]*)` *\|/gm)].map(([, name]) => name!);
}

describe("the README's configuration table", () => {
  it('names every variable once, and none that does not exist', () => {
    const names = tableNames(readFileSync(README, 'utf8'), 'Configuration');

    expect(names.toSorted()).toEqual(Object.keys(variables.shape).toSorted());
  });
});
