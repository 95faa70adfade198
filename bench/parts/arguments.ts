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

function end(code: number, text: string): never {
  (code === 0 ? process.stdout : process.stderr).write(`${text}\n`);
  process.exit(code);
}
