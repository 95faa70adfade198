import type { Result } from '../result.js';
import { escaped } from './escape.js';

/** The results as JUnit XML: a test suite for each scenario, a test case for each thing that has to hold. */
export function junitOf(results: readonly Result[]): string {
  const suites = results.map(({ name, verdicts, seconds }) => {
    const failures = verdicts.filter(({ holds }) => !holds).length;
    const cases = verdicts.map(({ text, holds, detail }) => {
      const failure = holds ? '' : `<failure message="${escaped(detail)}"/>`;
      return `    <testcase classname="rehearsal.${name}" name="${escaped(text)}">${failure}</testcase>`;
    });
    const head = `  <testsuite name="${name}" tests="${verdicts.length}" failures="${failures}" time="${seconds.toFixed(1)}">`;
    return [head, ...cases, '  </testsuite>'].join('\n');
  });
  return ['<?xml version="1.0" encoding="UTF-8"?>', '<testsuites>', ...suites, '</testsuites>', ''].join('\n');
}
