import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { compareVersions, findingsIn, findingsOf, judge, type Advisory, type AdvisoryList } from '../../infra/supply/audit.js';

const PROJECT = resolve(import.meta.dirname, '../..');
const TODAY = '2026-06-15';
const found = { advisory: 'GHSA-1', name: 'a', severity: 'HIGH', title: 'Bad' };
const waiver = { advisory: 'GHSA-1', package: 'a', until: '2026-06-15', reason: 'We do not call it.' };

const advisory = (...events: { introduced?: string; fixed?: string }[]): Advisory => ({
  id: 'GHSA-1',
  summary: 'Bad',
  affected: [{ package: { ecosystem: 'npm', name: 'a' }, ranges: [{ events }] }],
  database_specific: { severity: 'HIGH' },
});
const hit = (version: string, ...events: { introduced?: string; fixed?: string }[]) =>
  findingsIn({ publishedUntil: TODAY, advisories: [advisory(...events)] }, [{ name: 'a', version }]).length === 1;

describe('the list of advisories', () => {
  it.each([
    ['0.0.1', true],
    ['1.9.9', true],
    ['2.0.0-rc.1', true],
    ['2.0.0', false],
    ['3.0.0', true],
    ['3.0.4', true],
    ['3.0.5', false],
  ])('of two ranges, has version %s in them: %s', (version, within) => {
    expect(hit(version, { introduced: '0' }, { fixed: '2.0.0' }, { introduced: '3.0.0' }, { fixed: '3.0.5' })).toBe(within);
  });

  it('has every later version in a range that has no end', () => {
    expect([hit('0.9.0', { introduced: '1.0.0' }), hit('99.0.0', { introduced: '1.0.0' })]).toEqual([false, true]);
  });

  it('says which package, which version and which advisory', () => {
    const list = { publishedUntil: TODAY, advisories: [advisory({ introduced: '0' })] };

    expect(
      findingsIn(list, [
        { name: 'a', version: '1.0.0' },
        { name: 'b', version: '1.0.0' },
      ]),
    ).toEqual([{ advisory: 'GHSA-1', name: 'a', severity: 'HIGH', title: 'Bad (1.0.0)' }]);
  });

  it('is well-formed, and each advisory in it has versions before and after its end', () => {
    const { publishedUntil, advisories } = JSON.parse(
      readFileSync(join(PROJECT, 'infra/supply/advisories.json'), 'utf8'),
    ) as AdvisoryList;

    expect(Date.parse(publishedUntil)).toBeLessThan(Date.now());
    for (const { id, affected, database_specific } of advisories) {
      expect(id).toMatch(/^GHSA(-[0-9a-z]{4}){3}$/);
      expect(database_specific.severity).toMatch(/^(LOW|MODERATE|HIGH|CRITICAL)$/);
      for (const { package: one, ranges } of affected) {
        expect(one.ecosystem).toBe('npm');
        for (const {
          events: [from, to],
        } of ranges)
          expect(compareVersions(from!.introduced!, to!.fixed!)).toBeLessThan(0);
      }
    }
  });

  it('would have found versions that were bad', () => {
    const list = JSON.parse(readFileSync(join(PROJECT, 'infra/supply/advisories.json'), 'utf8')) as AdvisoryList;
    const old = [
      { name: 'mysql2', version: '3.9.3' },
      { name: 'fastify', version: '5.3.0' },
    ];

    expect(findingsIn(list, old).map(({ advisory: id }) => id)).toEqual(
      expect.arrayContaining(['GHSA-fpw7-j2hg-69v5', 'GHSA-mg2h-6x62-wpwc']),
    );
  });
});

describe('the order of versions', () => {
  it('is the one of semver.org', () => {
    const ordered = [
      '0',
      '0.9.0',
      '1.0.0-alpha',
      '1.0.0-alpha.1',
      '1.0.0-alpha.beta',
      '1.0.0-beta.2',
      '1.0.0-beta.11',
      '1.0.0-rc.1',
      '1.0.0',
      '1.0.1',
      '1.2.0',
      '1.10.0',
      '2.0.0',
    ];

    expect(ordered.toReversed().toSorted(compareVersions)).toEqual(ordered);
  });
});

describe('the report of npm audit', () => {
  const via = { name: 'a', title: 'Bad', url: 'https://example.com/advisories/GHSA-1', severity: 'high' };

  it('gives each finding once', () => {
    const vulnerabilities = { a: { via: [via] }, b: { via: ['a', via] } };

    expect(findingsOf({ auditReportVersion: 2, vulnerabilities })).toEqual([found]);
  });

  it.each([404, 405, 410, 501])('is no report when the registry answers %i', (statusCode) => {
    expect(findingsOf({ statusCode, message: 'no' })).toBeUndefined();
  });

  it.each([{ statusCode: 503, message: 'Unavailable' }, { error: { code: 'ENOTFOUND', summary: 'not found' } }, {}])(
    'is a failure and not clean when it is %j',
    (report) => {
      expect(() => findingsOf(report)).toThrow(/npm audit failed: .*--offline/);
    },
  );
});

describe('waivers', () => {
  it('let a finding pass until their last day', () => {
    expect(judge([found], [waiver], TODAY)).toEqual({
      faults: [],
      notes: [expect.stringContaining('Accepted until 2026-06-15')],
    });
    expect(judge([found], [waiver], '2026-06-16').faults).toEqual([expect.stringContaining('Its waiver ended on 2026-06-15')]);
  });

  it('are for one advisory of one package', () => {
    expect(judge([{ ...found, name: 'b' }], [waiver], TODAY).faults).toHaveLength(1);
    expect(judge([{ ...found, advisory: 'GHSA-2' }], [waiver], TODAY).faults).toHaveLength(1);
  });

  it('need a reason and an end', () => {
    for (const wrong of [{ reason: ' ' }, { until: 'soon' }])
      expect(judge([], [{ ...waiver, ...wrong }], TODAY).faults).toEqual([expect.stringContaining('a reason, and a last day')]);
  });

  it('that nothing needs are told', () => {
    expect(judge([], [waiver], TODAY)).toEqual({ faults: [], notes: [expect.stringContaining('Remove the waiver of GHSA-1')] });
  });

  it('are not needed below HIGH, and a severity that nobody knows is not below', () => {
    const faults = (severity: string) => judge([{ ...found, severity }], [], TODAY).faults.length;

    expect(['LOW', 'MODERATE', 'HIGH', 'CRITICAL', 'GRAVE'].map(faults)).toEqual([0, 0, 1, 1, 1]);
  });
});

describe('npm run audit', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'posthorn-audit-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** `answer`: what a stand-in for npm prints. */
  const audit = (answer: object | string, ...options: string[]) => {
    const text = typeof answer === 'string' ? answer : JSON.stringify(answer);
    writeFileSync(join(folder, 'npm'), `#!${process.execPath}\nprocess.stdout.write(${JSON.stringify(text)})\n`, { mode: 0o755 });
    const { status, stdout, stderr } = spawnSync(process.execPath, ['infra/supply/audit.ts', ...options], {
      cwd: PROJECT,
      encoding: 'utf8',
      env: { PATH: folder },
    });
    return { status, said: stdout + stderr };
  };

  it('says that the registry checked', () => {
    expect(audit({ auditReportVersion: 2, vulnerabilities: {} })).toEqual({
      status: 0,
      said: expect.stringMatching(/^npm audit: the registry checked the \d+ packages/),
    });
  });

  it('ends with an error and the finding', () => {
    const via = [{ name: 'fastify', title: 'Bad', url: 'https://example.com/advisories/GHSA-1', severity: 'critical' }];

    expect(audit({ auditReportVersion: 2, vulnerabilities: { fastify: { via } } })).toEqual({
      status: 1,
      said: expect.stringContaining('CRITICAL fastify: Bad, GHSA-1. Update the package'),
    });
  });

  it('takes the list, and says so, when the registry has no audits', () => {
    expect(audit({ statusCode: 405, message: '405 Method Not Allowed' })).toEqual({
      status: 0,
      said: expect.stringMatching(
        /^No audit by the registry\. Checked the \d+ packages .* against infra\/supply\/advisories\.json: \d+ advisories/,
      ),
    });
  });

  it('takes the list when it is told to', () => {
    expect(audit('', '--offline').said).toContain('No audit by the registry');
  });

  it('fails when npm says nothing', () => {
    expect(audit('')).toEqual({ status: 1, said: expect.stringContaining('npm audit gave no report') });
  });
});
