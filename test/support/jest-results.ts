/** What was judged, and why it does not hold: empty if it does. */
export interface Judged {
  suite: string;
  name: string;
  failures: readonly string[];
}

/** As Jest writes with --json: as much of it as .ci/run reads. For what is judged without Jest. */
export function jestResults(judged: readonly Judged[]): string {
  const failed = judged.filter(({ failures }) => failures.length > 0);
  return JSON.stringify({
    numPassedTests: judged.length - failed.length,
    numFailedTests: failed.length,
    numRuntimeErrorTestSuites: 0,
    testResults: failed.map(({ suite, name, failures }) => ({
      name: suite,
      assertionResults: [{ status: 'failed', fullName: name, failureMessages: failures }],
    })),
  });
}
