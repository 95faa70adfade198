import { Tokens, DEFAULT_ORG_ID } from './api/auth/tokens.js';
import { BadConfiguration, loadConfig, type AppConfig } from './config/config.js';
import { localSecrets } from './config/local-secrets.js';
import { createDataSource } from './database/data-source.js';
import { migrate } from './database/migrate.js';
import { createLog, errorFields } from './observability/log.js';

const USAGE = `Usage: node dist/cli.js <command>

  migrate          brings the database schema up to date; of two at once, one waits
  token [org_id]   prints an API token of an organisation (default ${DEFAULT_ORG_ID})

Commands read the same environment variables as the service.`;

/** How long a migration waits for the data folder of the embedded database. */
const FOLDER_WAIT_MS = 120_000;

/** Runs one command and ends the process: 0 when it went well, 1 when it failed, 2 when it was called wrongly. */
export async function runCommand([command, ...rest]: string[], environment: NodeJS.ProcessEnv): Promise<void> {
  const configure = () => loadConfig(environment, localSecrets);
  try {
    if (command === 'migrate' && rest.length === 0) await runMigrate(configure());
    else if (command === 'token' && rest.length <= 1) console.log(await mintToken(configure(), rest[0] ?? DEFAULT_ORG_ID));
    else {
      console.error(USAGE);
      process.exit(2);
    }
  } catch (error) {
    console.error(error instanceof BadConfiguration ? error.message : errorFields(error).error);
    process.exit(1);
  }
}

async function mintToken(config: AppConfig, orgId: string): Promise<string> {
  if (!/^org_[\x21-\x7e]{1,251}$/.test(orgId)) throw new Error(`"${orgId}" is no organisation id: it must begin with org_.`);
  return new Tokens(config).mint(orgId);
}

async function runMigrate(config: AppConfig): Promise<void> {
  const log = createLog(config.log.level);
  if (config.database.mysqlUrl === null) {
    const { holdDataFolder } = await import('./database/data-folder.js');
    holdDataFolder(config.dataDir, FOLDER_WAIT_MS);
  }
  const dataSource = createDataSource(config);
  await dataSource.initialize();
  try {
    await migrate(dataSource, log);
  } finally {
    await dataSource.destroy();
  }
}
