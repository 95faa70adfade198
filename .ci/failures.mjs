// Prints what failed in a suite: node .ci/failures.mjs SUITE FILE. FILE is what Jest wrote with --json.
import { readFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';

/** How much of a message is shown, in characters. It is whole where the test ran. */
const SHOWN = 2_000;

const [, , suite, file] = process.argv;
for (const { name, message, assertionResults } of JSON.parse(readFileSync(file, 'utf8')).testResults) {
  const failed = assertionResults.filter(({ status }) => status === 'failed');
  const texts = failed.map(({ fullName, failureMessages }) => [fullName, ...failureMessages].join('\n'));
  // A file that can't run has no tests.
  if (assertionResults.length === 0 && message) texts.push(message);
  for (const text of texts) console.log(`${suite}: ${relative('.', resolve(name))}: ${text.slice(0, SHOWN)}\n`);
}
