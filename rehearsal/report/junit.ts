import { failedOf, type Result } from '../result.js';
import { escaped } from './escape.js';

/** The results as JUnit XML: a test suite for each scenario, a test case for each thing that has to hold. */
export function junitOf(results: readonly Result[]): string {
  const suites = results.map((result) => {
    const { name, verdicts, seconds, first } = result;
    const failures = failedOf(result).length;
    const cases = verdicts.map(({ text, holds, detail }) => {
      const failure = holds ? '' : `<failure message="${escaped(detail)}"/>`;
      return `    <testcase classname="rehearsal.${name}" name="${escaped(text)}">${failure}</testcase>`;
    });
    const head = `  <testsuite name="${name}" tests="${verdicts.length}" failures="${failures}" time="${seconds.toFixed(1)}">`;
    const before = first ? [`    <system-out>${escaped(firstLines(first).join('\n'))}</system-out>`] : [];
    return [head, ...cases, ...before, '  </testsuite>'].join('\n');
  });
  return ['<?xml version="1.0" encoding="UTF-8"?>', '<testsuites>', ...suites, '</testsuites>', ''].join('\n');
}

function firstLines(first: Result): string[] {
  return [
    'This is the second play. The first one failed:',
    ...failedOf(first).map(({ text, detail }) => `not so: ${text} (${detail})`),
  ];
}
