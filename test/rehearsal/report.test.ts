import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { LIFECYCLE_EVENTS } from '../../rehearsal/codedeploy/record.js';
import { removeReport, writeReport } from '../../rehearsal/report/files.js';
import { htmlOf } from '../../rehearsal/report/html.js';
import { indexOf } from '../../rehearsal/report/index-page.js';
import { pictureOf, THEMES } from '../../rehearsal/report/picture.js';
import { brokenOffTold } from '../../rehearsal/report/told.js';
import { brokenOff, type Result } from '../../rehearsal/result.js';
import { aRelease, entry, taskArn, VERDICTS, withFailures } from './report-parts.js';

const EVIL = '</script><script>alert("1")</script><img src=x onerror=alert(2)>';

/** What an attribute or a style would load. */
function loadedBy(page: string): string[] {
  const attributes = [...page.matchAll(/\s(?:src|href|srcset|action)="([^"]*)"/g)].map(([, place]) => place!);
  const styles = [...page.matchAll(/(?:url\(|@import)\s*([^)\s]*)/g)].map(([, place]) => place!);
  return [...attributes, ...styles];
}

describe('the page of a scenario', () => {
  it('names each verdict with its detail', () => {
    const { told, entries } = aRelease();
    const page = htmlOf(told, entries);
    for (const { text, detail } of VERDICTS) {
      expect(page).toContain(text);
      expect(page).toContain(detail);
    }
    expect(page).toContain('✓ Passed');
  });

  it('says that it failed if one thing does not hold', () => {
    const { told, entries } = aRelease({
      verdicts: [...VERDICTS, { text: 'it was rolled back', holds: false, detail: 'false' }],
    });
    const page = htmlOf(told, entries);
    expect(page).toContain('✗ Failed');
    expect(page).toContain('Not so: it was rolled back');
  });

  it('has every phase of the deployment', () => {
    const { told, entries } = aRelease();
    const page = htmlOf(told, entries);
    for (const phase of [...LIFECYCLE_EVENTS, 'TerminationWait', 'end of blue'])
      expect(page).toContain(`<th scope="row">${phase}</th>`);
  });

  it('escapes the lines of logs', () => {
    const { told, entries } = aRelease({
      lines: [
        { at: 1, taskArn: taskArn(1), text: EVIL },
        { at: 2, taskArn: taskArn(1), text: JSON.stringify({ level: 'error', msg: EVIL, path: EVIL }) },
      ],
    });
    const page = htmlOf(told, entries);
    expect(page).not.toContain('alert("1")');
    expect(page).not.toContain('<img');
    expect(page).toContain('&lt;/script&gt;&lt;script&gt;alert(&quot;1&quot;)');
  });

  it('escapes what the journal has', () => {
    const { told, entries } = aRelease();
    const more = [
      entry(50_000, 'scenario', EVIL, 'broken'),
      entry(50_500, 'lambda', EVIL, 'log', { line: EVIL }),
      entry(51_000, 'codedeploy', 'd-MADEUP123', 'phase.begin', { phase: EVIL }),
      entry(52_000, 'alb', EVIL, 'drained', { target: EVIL }),
    ];
    const page = htmlOf(told, [...entries, ...more]);
    expect(page).not.toContain('alert("1")');
    expect(page).not.toContain('<img');
  });

  it('escapes the outcomes of requests in the numbers of the script too', () => {
    const { told, entries } = aRelease();
    const samples = told.samples.map((sample) => withFailures(sample, { [EVIL]: 1 }));
    const page = htmlOf({ ...told, samples }, entries);
    expect(page).not.toContain('alert(\\"1\\")</script>');
    expect(page.match(/<\/script>/g)).toHaveLength(2);
  });

  it('loads nothing', () => {
    const { told, entries } = aRelease();
    const places = loadedBy(htmlOf(told, entries));
    expect(places.length).toBeGreaterThan(0);
    expect(places.filter((place) => !place.startsWith('#'))).toEqual([]);
  });

  it('leads each sign of the timeline to a row of the list', () => {
    const { told, entries } = aRelease();
    const page = htmlOf(told, entries);
    const signs = [...page.matchAll(/href="#(e\d+)"/g)].map(([, id]) => id);
    expect(signs.length).toBeGreaterThan(3);
    for (const id of signs) expect(page).toContain(`<tr id="${id}"`);
  });

  it('says of each task which colour it had, and why it stopped', () => {
    const { told, entries } = aRelease();
    const page = htmlOf(told, entries);
    expect(page).toContain('<b>11111111</b> build before (posthorn:1), eu-west-1b');
    expect(page).toContain('<b>44444444</b> build now (posthorn:2), eu-west-1b');
    expect(page).toContain('ServiceSchedulerInitiated: Scaling activity');
  });

  it('keeps errors and the first and last lines when there are too many', () => {
    const request = (nth: number) =>
      JSON.stringify({ level: 'info', msg: 'http.request', nth: `line ${nth}.`, path: 'x'.repeat(400) });
    const lines = Array.from({ length: 20_000 }, (_, nth) => ({ at: nth, taskArn: taskArn(1 + (nth % 6)), text: request(nth) }));
    lines[10_001] = { at: 10_001, taskArn: taskArn(1), text: JSON.stringify({ level: 'error', msg: 'database.failed' }) };
    const { told, entries } = aRelease({ lines });
    const page = htmlOf(told, entries);
    expect(page.length).toBeLessThan(3_000_000);
    expect(page).toContain('database.failed');
    expect(page).toContain('line 0.');
    expect(page).toContain('line 19999.');
    expect(page).toContain('lines are left out');
    expect(page).not.toContain('line 10000.');
  });

  it('leaves metrics out of the logs', () => {
    const text = JSON.stringify({ level: 'info', msg: 'metrics', _aws: { CloudWatchMetrics: [] } });
    const { told, entries } = aRelease({ lines: [{ at: 1, taskArn: taskArn(1), text }] });
    expect(htmlOf(told, entries)).toContain('<small>0 lines kept</small>');
  });

  it('names each kind of failure and what was broken meanwhile', () => {
    const { told, entries } = aRelease({
      windows: [{ from: 0, to: Infinity, why: 'database away', outcomes: ['503'], most: Infinity }],
    });
    const samples = told.samples.map((sample, nth) =>
      nth > 50 && nth < 60 ? withFailures(sample, { '503': 7, ECONNRESET: 1 }) : sample,
    );
    const broken = [entry(60_000, 'scenario', 'database away', 'broken'), entry(70_000, 'scenario', 'database away', 'mended')];
    const page = htmlOf({ ...told, samples }, [...entries, ...broken]);
    expect(page).toContain('63 × 503, 9 × ECONNRESET');
    expect(page).toContain('clients got 503');
    expect(page).toContain('database away (may get 503)');
  });

  it('can be made of a scenario that broke off before anything was measured', () => {
    const page = htmlOf(brokenOffTold(aRelease().told.scenario, null, new Error('no database')), []);
    expect(page).toContain('no database');
    expect(page).toContain('No second was measured.');
  });
});

describe('the picture of a scenario', () => {
  it.each(THEMES)('has the phases and the failures, and loads nothing (%s)', (theme) => {
    const { told, entries } = aRelease();
    const picture = pictureOf(told, entries, theme);
    expect(picture).toContain('AllowTraffic');
    expect(picture).toContain('failed requests: 0');
    expect(picture).not.toMatch(/NaN|undefined|Infinity/);
    expect(loadedBy(picture).filter((place) => !place.startsWith('#'))).toEqual([]);
  });
});

describe('the page of all scenarios', () => {
  const results: Result[] = ['good-release', 'crash-loop'].map((name) => ({
    name,
    title: `about ${name}`,
    seconds: 120,
    sent: 10,
    busy: 0,
    verdicts: VERDICTS,
  }));

  it('links every scenario', () => {
    const page = indexOf(results);
    for (const { name, title } of results) {
      expect(page).toContain(`<a href="${name}.html">${name}</a>`);
      expect(page).toContain(title);
    }
    expect(page).toContain('2 of 2 scenarios passed');
  });

  it('tells why a scenario failed, without a link if it has no report', () => {
    const page = indexOf(
      [...results, brokenOff('zone-lost', 'a zone', new Error('<no> database'))],
      (name) => name !== 'zone-lost',
    );
    expect(page).toContain('2 of 3 scenarios passed');
    expect(page).toContain('&lt;no&gt; database');
    expect(page).not.toContain('href="zone-lost.html"');
  });
});

describe('the files of a scenario', () => {
  const folder = mkdtempSync(join(tmpdir(), 'report-'));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('are a page and two pictures, which the next rehearsal takes away', () => {
    const { told, entries } = aRelease();
    const place = join(folder, 'reports');
    writeReport(place, told, entries);
    expect(readdirSync(place).toSorted()).toEqual(['good-release-dark.svg', 'good-release.html', 'good-release.svg']);
    removeReport(place, 'good-release');
    expect(readdirSync(place)).toEqual([]);
  });
});
