import { basename } from 'node:path';
import { TestEnvironment } from 'jest-environment-node';

/**
 * Tells a file's tests what the build before does beside them, and leaves out those that are listed by their full names. A listed name
 * that the file does not have fails it: nothing is left out by accident, nor stays listed.
 */
export default class VersionsEnvironment extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    const { role, leftOut } = config.projectConfig.testEnvironmentOptions;
    if (role) this.global.process.env.TEST_ROLE_BEFORE = role;
    const here = basename(context.testPath, '.e2e.test.ts');
    this.leftOut = new Set(leftOut.filter(({ file }) => file === here).map(({ test }) => test));
    this.unmet = new Set(this.leftOut);
  }

  handleTestEvent({ name, test }) {
    if (name === 'test_start' && this.leftOut.has(fullName(test))) {
      this.unmet.delete(fullName(test));
      test.mode = 'skip';
    }
    // An error is thrown where Jest takes it for the file's own.
    if (name === 'run_finish' && this.unmet.size > 0)
      throw new Error(`Left out in test/versions/left-out.mjs, but not there: ${[...this.unmet].join('; ')}`);
  }
}

function fullName({ name, parent }) {
  const outer = parent && parent.name !== 'ROOT_DESCRIBE_BLOCK' ? `${fullName(parent)} ` : '';
  return outer + name;
}
