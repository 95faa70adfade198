/** The oldest version of Node that the service runs on. */
const MIN_VERSION = 24;

/**
 * Ends the process with a message if Node is too old. This module imports nothing, and is called before any other module is loaded: an old
 * Node could not even parse some of them.
 */
export function requireNode(version: string): void {
  if (Number(version.split('.')[0]) >= MIN_VERSION) return;
  console.error(
    `Posthorn needs Node ${MIN_VERSION} or later, and this is Node ${version}. On Linux "npm ci" installs its own: start it with npm, or run "export PATH=$PWD/node_modules/.bin:$PATH" first. Elsewhere install Node ${MIN_VERSION}.`,
  );
  process.exit(1);
}
