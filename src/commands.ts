import { parseArgs } from 'node:util';
import { DEFAULT_ORG_ID } from './api/auth/tokens.js';
import { CommandError, Misuse, portOf, runToEnd } from './command-line.js';
import { BadConfiguration, loadConfig, loadDatabaseConfig, type AppConfig } from './config/config.js';
import { localSecrets } from './config/local-secrets.js';
import { loadMigrationConfig, type MigrationConfig } from './config/migration-config.js';
import { recordCommand } from './database/audit-rows.js';
import { refusalOf } from './database/errors.js';
import { migrate } from './database/migrate.js';
import { MigrationWatch } from './database/migration-watch.js';
import { isId } from './domain/ids.js';
import { startReceiver } from './dev/receiver.js';
import { createLog } from './observability/log.js';
import { runExpireTokens, tokenOf } from './token-commands.js';
import type { Where } from './where/where.js';

const USAGE = `Usage: node dist/cli.js <command>

  migrate                 brings the database schema up to date; two at the same time wait for each other
                          (DATABASE_MIGRATION_URL: as this user; DATABASE_ADMIN_URL: makes the users first)
  token [org_id]          prints an API token of an organisation (default ${DEFAULT_ORG_ID}),
                          valid for a year; --days n: for n days
  token --operator        prints a token for what crosses organisations: it calls the operations for operators, and no other
  expire-tokens org_id    expires all tokens and API keys of an organisation that were issued until now (--before time;
                          --keep-api-keys); expire-tokens --operator: those of operators
  where msg_id            prints where a message is and what became of it, from the database (--json; --app app_id spares a search)
  rekey [--dry-run]       seals all secrets again with the first key of ENCRYPTION_KEY, while the service runs (--help)
  erase app_id --yes      removes everything of an application now, while the service runs (--org; --help)
  healthcheck [url]       exits with 0 if the URL answers 2xx within 3 s (default: /health/live of this machine's service)
  receiver [secret ...]   prints incoming webhooks and whether their signatures are valid (PORT, default 4000)
  demo                    fills a running service with lively data, until Ctrl-C (SERVER, TOKEN; --help)
  queue-emulator          runs an SQS emulator with the queues "posthorn" and "posthorn-dlq" (PORT, default 4566)

Commands read the same environment variables as the service.`;

const WHERE_USAGE = `Usage: node dist/cli.js where msg_id [--json] [--app app_id]

Prints where a message is and what became of it, from the database. It changes nothing.

  --json        prints JSON
  --app app_id  looks in this application only, which is faster for a message that no endpoint got

Exit codes: 0 found, 1 could not look (read the text), 2 wrong command line, 3 no such message.`;

const REKEY_USAGE = `Usage: node dist/cli.js rekey [--dry-run]

Seals everything that is secret of endpoints again, bound to its row: with data keys from AWS KMS if ENCRYPTION_KMS_KEY_ID is set, else
with the first key of ENCRYPTION_KEY. The service may run meanwhile. It can be stopped and run again at any time.

  --dry-run     only counts, by envelope and key

Run it when no process of a release without this command runs any more: such a release can't read what is bound, and can't be gone back to.

Exit codes: 0 done, the other keys can go; 1 some endpoints can't be opened, or it could not run (read the text); 2 wrong command line.`;

/** How long a migration waits for the data folder of the embedded database. */
const FOLDER_WAIT_MS = 120_000;
/** Exit code: the database was searched, and has no such message. */
const NO_SUCH_MESSAGE = 3;

type Command = (rest: string[], environment: NodeJS.ProcessEnv) => Promise<void> | void;

/** All but healthcheck, which cli.ts runs without loading this module. */
const COMMANDS: Record<string, Command> = {
  migrate: (_rest, environment) =>
    runMigrate(
      configOf(environment),
      usable(() => loadMigrationConfig(environment)),
    ),
  token: async (rest, environment) => console.log(await tokenOf(rest, () => configOf(environment))),
  'expire-tokens': async (rest, environment) =>
    console.log(await runExpireTokens(rest, () => usable(() => loadDatabaseConfig(environment)))),
  where: (rest, environment) => printWhere(rest, environment),
  rekey: (rest, environment) => runRekey(rest, environment),
  erase: (rest, environment) => erase(rest, environment),
  receiver: (secrets, environment) => receive(secrets, environment),
  demo: async (rest, environment) => {
    const { runDemo } = await import('./demo-command.js');
    await runDemo(rest, { environment, configOf: () => configOf(environment), print: (text) => console.log(text) });
  },
  'queue-emulator': (_rest, environment) => emulateQueue(environment),
};

/**
 * Runs one command. Ends the process with 1 if the command failed, with 2 if the command line is wrong, with 3 if there is no such message.
 */
export function runCommand([name = '', ...rest]: string[], environment: NodeJS.ProcessEnv): Promise<void> {
  return runToEnd(() => {
    const command = COMMANDS[name];
    if (!command) throw new Misuse(USAGE);
    return command(rest, environment);
  });
}

function configOf(environment: NodeJS.ProcessEnv): AppConfig {
  return usable(() => loadConfig(environment, localSecrets));
}

/** A fault of the configuration is printed without a name in front: its text says what to correct. */
function usable<Config>(load: () => Config): Config {
  try {
    return load();
  } catch (error) {
    throw error instanceof BadConfiguration ? new CommandError(error.message, 1) : error;
  }
}

async function runMigrate(config: AppConfig, { mysqlUrl, users }: MigrationConfig): Promise<void> {
  const log = createLog(config.log.level, undefined, config.serviceName);
  if (config.database.mysqlUrl === null) {
    const { holdDataFolder } = await import('./database/data-folder.js');
    holdDataFolder(config.dataDir, FOLDER_WAIT_MS);
  }
  if (users !== null) {
    const { ensureUsers } = await import('./database/users.js');
    await ensureUsers(users, log);
  }
  const asMigration = { ...config, database: { ...config.database, mysqlUrl } };
  const watch = MigrationWatch.of(asMigration, log);
  const dataSource = watch.dataSource(asMigration);
  try {
    const migrations = await watch.during(async () => {
      await dataSource.initialize();
      return migrate(dataSource, log);
    });
    if (migrations.length > 0)
      await recordCommand(dataSource, { operation: 'command.migrate', objects: { migrations: migrations.join(' ') } });
  } catch (error) {
    watch.cut();
    throw refusalOf(error);
  } finally {
    if (dataSource.isInitialized) await dataSource.destroy().catch(() => undefined);
  }
}

async function printWhere(rest: string[], environment: NodeJS.ProcessEnv): Promise<void> {
  if (rest.includes('--help')) return console.log(WHERE_USAGE);
  const { msgId, appId, json } = whereOf(rest);
  const { where } = await import('./where/where.js');
  const config = usable(() => loadDatabaseConfig(environment));
  const story = await where(config, { msgId, appId, json });
  if (story === null) {
    const place = appId === null ? '.' : ` in application ${appId}. Without --app, all applications are searched.`;
    throw new CommandError(`There is no message ${msgId}${place}`, NO_SUCH_MESSAGE);
  }
  console.log(story);
}

function whereOf(rest: string[]): Where {
  const options = { app: { type: 'string' }, json: { type: 'boolean', default: false } } as const;
  try {
    const { values, positionals } = parseArgs({ args: rest, options, allowPositionals: true });
    const [msgId, ...more] = positionals;
    if (msgId === undefined) throw new Misuse(WHERE_USAGE);
    if (more.length > 0) throw new Misuse('Give one message id.');
    if (!isId('msg_', msgId)) throw new Misuse(`"${msgId}" is not a message id: a message id is msg_ and 27 letters and digits.`);
    if (values.app !== undefined && !isId('app_', values.app))
      throw new Misuse(`"${values.app}" is not an application id: an application id is app_ and 27 letters and digits.`);
    return { msgId, appId: values.app ?? null, json: values.json };
  } catch (error) {
    throw error instanceof Misuse ? error : new Misuse((error as Error).message);
  }
}

async function erase(rest: string[], environment: NodeJS.ProcessEnv): Promise<void> {
  const { runErase } = await import('./erase-command.js');
  await runErase(
    rest,
    () => usable(() => loadDatabaseConfig(environment)),
    (line) => console.log(line),
  );
}

async function runRekey(rest: string[], environment: NodeJS.ProcessEnv): Promise<void> {
  if (rest.includes('--help')) return console.log(REKEY_USAGE);
  const dryRun = rest[0] === '--dry-run';
  if (rest.length > (dryRun ? 1 : 0)) throw new Misuse(REKEY_USAGE);
  const { rekey } = await import('./database/rekey/rekey.js');
  const unreadable = await rekey(configOf(environment), { dryRun, print: (line) => console.log(line) });
  if (unreadable > 0) throw new CommandError('The keys that are missing are still needed.', 1);
}

function receive(secrets: string[], environment: NodeJS.ProcessEnv): void {
  const given = [...secrets, ...(environment.WEBHOOK_SECRET?.split(' ') ?? [])].filter((secret) => secret !== '');
  const server = startReceiver(portOf(environment, 4000), environment.HOST ?? '127.0.0.1', given, (line) => console.log(line));
  endOnSignal(() => server.closeAllConnections());
}

async function emulateQueue(environment: NodeJS.ProcessEnv): Promise<void> {
  const { startQueueEmulator } = await import('./queue/embedded-queue.js');
  const emulator = await startQueueEmulator(environment.HOST ?? '127.0.0.1', portOf(environment, 4566), 'us-east-1');
  console.log(`SQS emulator on port ${emulator.port}: ${emulator.queueUrl}`);
  endOnSignal(() => void emulator.stop());
}

function endOnSignal(stop: () => void): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      stop();
      process.exit(0);
    });
  }
}
