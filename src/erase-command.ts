import { parseArgs } from 'node:util';
import { CommandError, Misuse } from './command-line.js';
import type { DatabaseConfig } from './config/config.js';
import { createWriter } from './database/data-source.js';
import { erase, findErasable, type Erasable } from './database/erase.js';
import { refusalOf } from './database/errors.js';
import type { Removed } from './database/removal/rows.js';
import { isId } from './domain/ids.js';

const USAGE = `Usage: node dist/cli.js erase app_id --yes [--org org_id]

Removes everything of an application now, for a request of erasure: its messages and attempts, endpoints with their secrets, and what else
belongs to it. An application that still exists is deleted first, as by the API. The service may run meanwhile, and the command can be stopped and
run again at any time. docs/data-lifetime.md says what remains where.

  --yes         does it; without it, the command only says what it would do
  --org org_id  only if the application belongs to this organisation

Exit codes: 0 erased, 1 not erased (read the text), 2 wrong command line, 3 no such application.`;

const NO_SUCH_APPLICATION = 3;

interface Asked {
  appId: string;
  orgId: string | null;
  yes: boolean;
}

/** Runs the command `erase`. Throws Misuse if the command line is wrong, and CommandError if nothing was erased. */
export async function runErase(rest: string[], configOf: () => DatabaseConfig, print: (line: string) => void): Promise<void> {
  if (rest.includes('--help')) return print(USAGE);
  const asked = askedOf(rest);
  const dataSource = createWriter(configOf());
  try {
    await dataSource.initialize();
    const found = await findErasable(dataSource, asked);
    if (!found) throw new CommandError(missing(asked), NO_SUCH_APPLICATION);
    if (!asked.yes) throw new CommandError(intended(found), 1);
    for (const line of report(found, await erase(dataSource, found, { ...asked, print }))) print(line);
  } catch (error) {
    throw error instanceof CommandError ? error : refusalOf(error);
  } finally {
    if (dataSource.isInitialized) await dataSource.destroy().catch(() => undefined);
  }
}

function missing({ appId, orgId }: Asked): string {
  const place = orgId === null ? 'in this database' : `of ${orgId}`;
  return `There is no application ${appId} ${place}. If it was erased, the audit log has an entry: command.erase with the step "finished".`;
}

function intended({ appId, name, orgId, deletedAt }: Erasable): string {
  const state = deletedAt === null ? 'exists: it would be deleted first' : `was deleted at ${deletedAt.toISOString()}`;
  return [
    `The application ${appId} ("${name}") of ${orgId} ${state}. Everything of it would be removed: messages, attempts,`,
    'endpoints, and what else belongs to it. That can not be undone. Run the command again with --yes.',
  ].join('\n');
}

function report({ appId, orgId }: Erasable, removed: Removed): string[] {
  const rows = [...removed].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([table, count]) => `  ${table}: ${count}`);
  const total = [...removed.values()].reduce((sum, count) => sum + count, 0);
  return [
    'Removed rows, by table:',
    ...rows,
    `Erased: application ${appId} of ${orgId}, ${total} rows, at ${new Date().toISOString()}. The database has no message, attempt, endpoint or secret of it any more.`,
    'Not in the database, or kept for the organisation: logs, backups, the audit log and counts of usage. See docs/data-lifetime.md.',
  ];
}

function askedOf(args: string[]): Asked {
  const options = { yes: { type: 'boolean', default: false }, org: { type: 'string' } } as const;
  try {
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
    const [appId, ...more] = positionals;
    if (appId === undefined) throw new Misuse(USAGE);
    if (more.length > 0) throw new Misuse('Give one application id.');
    if (!isId('app_', appId))
      throw new Misuse(`"${appId}" is not an application id: an application id is app_ and 27 letters and digits.`);
    if (values.org !== undefined && !values.org.startsWith('org_'))
      throw new Misuse(`"${values.org}" is not an organisation id: write one that begins with org_.`);
    return { appId, orgId: values.org ?? null, yes: values.yes };
  } catch (error) {
    throw error instanceof Misuse ? error : new Misuse((error as Error).message);
  }
}
