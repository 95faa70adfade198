/** The oldest Node that everything in here runs on. */
const OLDEST = 24;

/**
 * Ends the process with one sentence on a Node that is too old. Has no imports, and is called before any other module is
 * loaded: an old Node would not even parse some of them.
 */
export function requireNode(version: string): void {
  if (Number(version.split('.')[0]) >= OLDEST) return;
  console.error(
    `Posthorn needs Node ${OLDEST} or later, and this is Node ${version}. On Linux "npm start" brings its own; elsewhere install Node ${OLDEST}.`,
  );
  process.exit(1);
}
