// Jest's results as JUnit XML, for build machines: reporters: [['<rootDir>/test/support/junit-reporter.mjs', { file }]].
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

export default class JUnitReporter {
  /**
   * @param {{ rootDir: string }} globalConfig
   * @param {{ file: string }} options
   */
  constructor({ rootDir }, { file }) {
    this.rootDir = rootDir;
    this.file = file;
  }

  /** @param {unknown} _contexts @param {import('@jest/reporters').AggregatedResult} results */
  onRunComplete(_contexts, results) {
    const suites = results.testResults.map((suite) => this.#suite(suite));
    mkdirSync(dirname(this.file), { recursive: true });
    writeFileSync(this.file, `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${suites.join('')}</testsuites>\n`);
  }

  #suite({ testFilePath, testResults, testExecError, perfStats }) {
    const name = relative(this.rootDir, testFilePath);
    const cases = testResults.map((test) => testCase(name, test));
    // A file that can't run has no tests, and would look like a success.
    if (testExecError)
      cases.push(testCase(name, { title: 'can be run', failureMessages: [testExecError.stack || testExecError.message] }));
    const failures = testResults.filter(({ status }) => status === 'failed').length + (testExecError ? 1 : 0);
    const skipped = testResults.filter(({ status }) => isSkipped(status)).length;
    const numbers = `tests="${cases.length}" failures="${failures}" errors="0" skipped="${skipped}"`;
    const time = ((perfStats.end - perfStats.start) / 1000).toFixed(3);
    return `<testsuite name="${escape(name)}" ${numbers} time="${time}">\n${cases.join('')}</testsuite>\n`;
  }
}

function testCase(file, { ancestorTitles = [], title, duration, status, failureMessages }) {
  const name = [...ancestorTitles, title].join(' › ');
  const inner = [
    ...failureMessages.map((message) => `<failure>${escape(message)}</failure>`),
    ...(isSkipped(status) ? ['<skipped/>'] : []),
  ];
  const time = ((duration ?? 0) / 1000).toFixed(3);
  return `<testcase classname="${escape(file)}" name="${escape(name)}" time="${time}">${inner.join('')}</testcase>\n`;
}

function isSkipped(status) {
  return status === 'pending' || status === 'todo' || status === 'skipped' || status === 'disabled';
}

const ENTITIES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escape(text) {
  // XML 1.0 has no way to write the other control characters.
  return stripVTControlCharacters(text)
    .replaceAll(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, '')
    .replaceAll(/[&<>"]/g, (character) => ENTITIES[character]);
}
