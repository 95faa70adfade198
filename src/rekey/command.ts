import { CommandError, Misuse } from '../command-line.js';
import type { AppConfig } from '../config/config.js';
import { rekey } from './rekey.js';

const USAGE = `Usage: node dist/cli.js rekey [--dry-run]

Seals everything that is secret of endpoints again: with the first key of ENCRYPTION_KEY, and bound to its row. The service may run
meanwhile. It can be stopped and run again at any time.

  --dry-run     only counts, by envelope and key

Run it when no process of a release before 'rekey' came runs any more: such a release can't read what is bound, and can't be gone back to.

Exit codes: 0 done, the other keys can go; 1 some endpoints can't be opened, or it could not run (read the text); 2 wrong command line.`;

/** The command `rekey`. */
export async function runRekey(rest: readonly string[], config: () => AppConfig, print: (line: string) => void): Promise<void> {
  if (rest.includes('--help')) return print(USAGE);
  const dryRun = rest[0] === '--dry-run';
  if (rest.length > (dryRun ? 1 : 0)) throw new Misuse(USAGE);
  const unreadable = await rekey(config(), { dryRun, print });
  if (unreadable > 0) throw new CommandError('The keys that are missing above are still needed.', 1);
}
