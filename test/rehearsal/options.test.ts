import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { LogBook } from '../../rehearsal/log-book.js';
import { optionsOf } from '../../rehearsal/options.js';
import { firstName, keepReport, removeReport } from '../../rehearsal/report/files.js';
import { indexOf } from '../../rehearsal/report/index-page.js';
import { junitOf } from '../../rehearsal/report/junit.js';
import { summaryOf } from '../../rehearsal/report/terminal.js';
import { requireAll } from '../../rehearsal/requirements.js';
import { brokenOff, type Result } from '../../rehearsal/result.js';

const folder = mkdtempSync(join(tmpdir(), 'rehearsal-options-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('the options of a rehearsal', () => {
  it('have values that suit a laptop', () => {
    expect(optionsOf([])).toMatchObject({ names: [], speed: 5, requestsPerSecond: 200, atOnce: null, environment: null });
    expect(optionsOf(['--short', 'good-release'])).toMatchObject({ names: ['good-release'], requestsPerSecond: 100 });
  });

  it.each([
    [['--speed', '0'], '--speed takes a number from 3 to 7, and is 0.'],
    [['--speed', 'Infinity'], '--speed takes a number from 3 to 7'],
    [['--speed', '2.5'], '--speed takes a number from 3 to 7'],
    [['--at-once', '0.5'], '--at-once takes a whole number from 1 to 99, and is 0.5.'],
    [['--rate', '-3'], '--rate'],
    [['--rate', '1e9'], '--rate takes a whole number from 1 to 2000'],
    [['--sped', '3'], "Unknown option '--sped'"],
    [['--junit'], "Option '--junit <value>' argument missing"],
  ])('%j are refused with a sentence', (given, said) => {
    expect(() => optionsOf(given)).toThrow(said);
  });
});

describe('what a rehearsal needs is looked for before anything is played', () => {
  it('a build that is not built', () => {
    expect(() => requireAll([folder], join(folder, 'report'), [])).toThrow(
      `${folder} is not a built project, dist/main.js is missing`,
    );
  });

  it('a folder that can not be made', () => {
    writeFileSync(join(folder, 'file'), '');
    expect(() => requireAll([], join(folder, 'file', 'report'), [])).toThrow("The results can't be written: ENOTDIR");
  });

  it('and the folder of each result is made', () => {
    requireAll([], join(folder, 'report'), [join(folder, 'deep', 'junit.xml')]);
    expect(existsSync(join(folder, 'deep'))).toBe(true);
  });
});

describe('a scenario that is played a second time', () => {
  const first: Result = brokenOff('good-release', 'Good', new Error('too <slow>\uFFFE'));
  const again: Result = { ...first, verdicts: [{ text: 'it can be played', holds: true, detail: '' }], first };

  it('keeps the report of the first play beside its own', () => {
    mkdirSync(join(folder, 'kept'));
    for (const end of ['.html', '.svg']) writeFileSync(join(folder, 'kept', `good-release${end}`), 'the first');
    keepReport(join(folder, 'kept'), 'good-release');
    removeReport(join(folder, 'kept'), 'good-release');
    expect(readFileSync(join(folder, 'kept', `${firstName('good-release')}.html`), 'utf8')).toBe('the first');
  });

  it('says so wherever its result is told', () => {
    expect(summaryOf(again).join()).toContain('played a second time');
    expect(junitOf([again])).toContain('not so: it can be played (too &lt;slow&gt;)</system-out>');
    expect(indexOf([again])).toContain('<a href="good-release-first.html">The first one</a> failed');
  });
});

describe('the logs of a rehearsal', () => {
  it('keep the last lines, and all that are rare, however many requests there are', () => {
    const book = new LogBook();
    const add = (at: number, event: string) => book.add({ at, taskArn: 'task', text: `{"level":"info","event":"${event}"}` });
    for (let at = 0; at < 5_000; at++) add(at, 'http.request');
    add(2_500.5, 'server.stopping');
    const times = book.all().map(({ at }) => at);
    expect([times.length, times[0], times.at(-1)]).toEqual([1_001, 0, 4_999]);
    expect(times).toContain(2_500.5);
  });
});
