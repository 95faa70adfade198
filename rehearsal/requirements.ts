import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { requireServers } from '../test/support/services.js';

const BUILT = ['dist/main.js', 'dist/cli.js', 'node_modules'];

/**
 * Looks for what a rehearsal needs before anything is played: what is missing would fail all scenarios, one after the other.
 *
 * @param builds folders of the builds
 * @param report folder of the reports, which is made
 * @param files that are written at the end
 * @throws Error that says what is missing, and what to do
 */
export function requireAll(builds: readonly string[], report: string, files: readonly string[]): void {
  requireServers();
  for (const folder of builds) {
    const missing = BUILT.find((part) => !existsSync(join(folder, part)));
    if (missing) throw new Error(`${folder} is not a built project, ${missing} is missing: npm ci && npm run build there.`);
  }
  try {
    for (const folder of [report, ...files.map((file) => dirname(file))]) {
      mkdirSync(folder, { recursive: true });
      accessSync(folder, constants.W_OK);
    }
  } catch (error) {
    throw new Error(`The results can't be written: ${(error as Error).message}`, { cause: error });
  }
}
