import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

interface Reporter {
  onRunComplete(contexts: unknown, results: { testResults: unknown[] }): void;
}

const { default: JUnitReporter } = (await import(new URL('junit-reporter.mjs', import.meta.url).href)) as {
  default: new (globalConfig: { rootDir: string }, options: { file: string }) => Reporter;
};

const passed = { ancestorTitles: ['a queue'], title: 'keeps <tasks>', duration: 12, status: 'passed', failureMessages: [] };
const failed = {
  ...passed,
  title: 'loses none',
  status: 'failed',
  failureMessages: ['\u001b[31mlost "1" & \u0000 more\u001b[39m'],
};
const perfStats = { start: 1_000, end: 3_500 };

function reported(suite: object): string {
  const folder = mkdtempSync(join(tmpdir(), 'posthorn-junit-'));
  try {
    const file = join(folder, 'reports', 'junit.xml');
    new JUnitReporter({ rootDir: '/project' }, { file }).onRunComplete(undefined, {
      testResults: [{ testFilePath: '/project/test/queue.test.ts', testResults: [], perfStats, ...suite }],
    });
    return readFileSync(file, 'utf8');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('the JUnit reporter', () => {
  it('writes one suite a file, with its tests', () => {
    const xml = reported({ testResults: [passed, failed] });

    expect(xml).toContain('<testsuite name="test/queue.test.ts" tests="2" failures="1" errors="0" skipped="0" time="2.500">');
    expect(xml).toContain('<testcase classname="test/queue.test.ts" name="a queue › keeps &lt;tasks&gt;" time="0.012">');
  });

  it('writes what went wrong without what XML can not hold', () => {
    expect(reported({ testResults: [failed] })).toContain('<failure>lost &quot;1&quot; &amp;  more</failure>');
  });

  it('counts a file that can not run as a failure', () => {
    const xml = reported({ testExecError: { message: 'Unexpected token', stack: '' } });

    expect(xml).toContain('tests="1" failures="1"');
    expect(xml).toContain('name="can be run"');
  });
});
