import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';

/**
 * The options of a benchmark's command line. Ends the process after printing `usage` if `--help` is given, and with 2 if an option is
 * not known.
 */
export function optionsOf<const Options extends ParseArgsOptionsConfig>(usage: string, options: Options) {
  if (process.argv.includes('--help')) end(0, usage);
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    return end(2, `${(error as Error).message}\n\n${usage}`);
  }
}

/** The names in a list with commas, all of them if there are none. Ends the process with 2 if one is not known, so that a misspelt one is not taken for a run in which all was well. */
export function namesOf(usage: string, given: string, known: readonly string[]): string[] {
  const names = given.split(',').filter((name) => name !== '');
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) end(2, `Not known: ${unknown.join(', ')}. There are ${known.join(', ')}.\n\n${usage}`);
  return names.length === 0 ? [...known] : names;
}

function end(code: number, text: string): never {
  (code === 0 ? process.stdout : process.stderr).write(`${text}\n`);
  process.exit(code);
}
