import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, extname, join, resolve } from 'node:path';
import { parseSync } from '@swc/core';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { PLANTS } from '../../rehearsal/plants/all.js';
import { makeCopy, sow } from '../../rehearsal/plants/copy.js';
import { AREAS, edited, editedIn, needsBuild, type Plant } from '../../rehearsal/plants/plant.js';
import { controlOf, findingOf, tableOf } from '../../rehearsal/plants/verdict.js';
import { SCENARIOS } from '../../rehearsal/scenarios/all.js';

const ROOT = resolve(import.meta.dirname, '../..');
const PLANT: Plant = {
  name: 'a-plant',
  area: 'keep-alive',
  mistake: 'One | two',
  edits: [{ file: 'src/a.ts', from: 'one', to: 'two' }],
  scenario: 'good-release',
  says: /no request failed .*× 502/,
};

/** Throws if the text is none of what the name of its file says. */
function parse(file: string, text: string): void {
  if (extname(file) === '.json') return void JSON.parse(text);
  if (extname(file) === '.mjs') return void parseSync(text, { syntax: 'ecmascript' });
  parseSync(text, { syntax: 'typescript', decorators: true });
}

describe('the plants', () => {
  it.each(PLANTS.flatMap(({ name, edits }) => edits.map((edit) => [name, edit] as const)))(
    '%s finds its text once, and leaves a file that can be read',
    (name, edit) => {
      const changed = editedIn(ROOT, edit, name);

      expect(() => parse(edit.file, changed)).not.toThrow();
    },
  );

  it.each(AREAS)('are about: %s', (area) => {
    expect(PLANTS.some((plant) => plant.area === area)).toBe(true);
  });

  it('name scenarios that there are', () => {
    const names = SCENARIOS.map(({ name }) => name);
    expect(PLANTS.map(({ scenario }) => scenario).filter((name) => !names.includes(name))).toEqual([]);
  });

  it('have names of their own', () => {
    expect(new Set(PLANTS.map(({ name }) => name)).size).toBe(PLANTS.length);
  });

  it('are built if they are in src', () => {
    expect(needsBuild(PLANT)).toBe(true);
    expect(needsBuild({ ...PLANT, edits: [{ file: 'taskdef.json', from: 'a', to: 'b' }] })).toBe(false);
  });

  it.each([
    ['gone', 'four', 0],
    ['no longer the only one', 'one and one', 2],
  ])('name themselves and the file if their text is %s', (_how, text, times) => {
    const says = `The plant a-plant needs a text once in src/a.ts, and it is there ${times} times: one`;
    expect(() => edited(text, PLANT.edits[0]!, 'a-plant')).toThrow(says);
  });
});

describe('a rehearsal with a plant', () => {
  const wrong = ['FAILED good-release', '         not so: no request failed but in a time that allows it (3 × 502)'];

  it('has caught it if it failed with the verdict that the plant names', () => {
    const finding = findingOf(PLANT, { code: 1, isLate: false, lines: wrong });
    expect(finding).toEqual({ isGood: true, said: 'no request failed but in a time that allows it (3 × 502)' });
  });

  it.each([
    ['everything held', 0, false, ['ok     good-release'], 'everything held'],
    [
      'another verdict does not hold',
      1,
      false,
      ['  not so: no message came twice (1)'],
      'for another reason: no message came twice (1)',
    ],
    ['it did not end', null, true, [], 'the rehearsal did not end in time'],
    ['it broke off', 1, false, ['Error: no MariaDB'], 'the rehearsal broke off (1): Error: no MariaDB'],
  ])('has not caught it if %s', (_how, code, isLate, lines, said) => {
    expect(findingOf(PLANT, { code, isLate, lines })).toEqual({ isGood: false, said });
  });

  it('must find nothing where nothing is planted', () => {
    expect(controlOf({ code: 0, isLate: false, lines: [] }).isGood).toBe(true);
    expect(controlOf({ code: 1, isLate: false, lines: wrong }).isGood).toBe(false);
  });

  it('is a line of a table that Markdown can read', () => {
    const { rows } = tableOf([{ plant: PLANT, finding: { isGood: true, said: 'because of <an-alarm>' } }]);
    expect(rows).toEqual([['keep-alive', 'One \\| two', 'good-release', 'yes', '`because of <an-alarm>`']]);
  });
});

describe('a copy', () => {
  let project: string;
  let copy: string | null;
  const file = (name: string, text: string) => {
    mkdirSync(dirname(join(project, name)), { recursive: true });
    writeFileSync(join(project, name), text);
  };
  beforeEach(() => {
    copy = null;
    project = mkdtempSync(join(tmpdir(), 'posthorn-project-'));
    file('src/a.ts', 'one');
    file('infra/cdk.json', '{}');
    file('dist/main.js', 'built');
    file('notes.txt', 'not tracked');
    for (const packages of ['node_modules', 'infra/node_modules']) file(`${packages}/a/index.js`, 'a package');
    execFileSync('git', ['init', '-q'], { cwd: project });
    execFileSync('git', ['add', 'src', 'infra/cdk.json'], { cwd: project });
  });
  afterEach(() => {
    for (const folder of [project, copy]) if (folder) rmSync(folder, { recursive: true, force: true });
  });
  const read = (name: string) => readFileSync(join(copy!, name), 'utf8');

  it('has what git tracks, as it is in the work tree, the build, and links to the packages', () => {
    file('src/a.ts', 'changed');
    copy = makeCopy(project, true);

    expect(read('src/a.ts')).toBe('changed');
    expect(read('dist/main.js')).toBe('built');
    expect(read('infra/node_modules/a/index.js')).toBe('a package');
    expect(lstatSync(join(copy, 'node_modules')).isSymbolicLink()).toBe(true);
    expect(existsSync(join(copy, 'notes.txt'))).toBe(false);
  });

  it('leaves the project as it is when a mistake is planted', () => {
    copy = makeCopy(project, false);
    sow(copy, PLANT);

    expect(read('src/a.ts')).toBe('two');
    expect(read('infra/cdk.json')).toBe('{}');
    expect(readFileSync(join(project, 'src/a.ts'), 'utf8')).toBe('one');
    expect(existsSync(join(copy, 'dist'))).toBe(false);
  });

  it('is refused for a project that is not built', () => {
    rmSync(join(project, 'dist'), { recursive: true });
    expect(() => makeCopy(project, true)).toThrow('is not built: npm run build');
  });
});
