import { fork } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { AppConfig } from './config/config.js';
import { makePrivateFolder } from './config/private-folder.js';
import type { DemoLinks } from './demo-links.js';
import type { Log } from './observability/log.js';
import { welcomeToDemo } from './welcome.js';

/** Of the service's own environment: what says how programs run here, and how the portal looks. */
const HANDED_ON = /^(PATH|HOME|TZ|LANG|NODE_OPTIONS|HOST|PORTAL_.+)$/;

/** A terminal sends its signals to both processes. */
const STOPPED_BY: (string | null)[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Starts a demo: a second service in a process of its own, with its own data below the data folder. So nothing of it is among the data, the log
 * and the numbers of this one. The links are printed when it is ready.
 *
 * If this process dies, the other one notices that and ends. If the other one dies, this one says so, and goes on.
 */
export async function startDemoBeside(config: AppConfig, environment: NodeJS.ProcessEnv, port: number, log: Log): Promise<void> {
  const dataDir = join(config.dataDir, 'demo');
  makePrivateFolder(dataDir);
  const logFile = join(dataDir, 'log');
  const demo = fork(join(import.meta.dirname, 'cli.js'), ['demo', '--own'], {
    env: { ...handedOn(environment), ...(await ownSettings(dataDir, config.http.host, port)) },
    stdio: ['ignore', openSync(logFile, 'w', 0o600), openSync(logFile, 'a', 0o600), 'ipc'],
  });
  process.once('exit', () => demo.kill('SIGTERM'));
  demo.once('message', (links) => welcomeToDemo(links as DemoLinks, log));
  demo.once('exit', (exitCode, signal) => {
    if (exitCode !== 0 && !STOPPED_BY.includes(signal)) log.warn('demo.ended', { exitCode, signal, logFile });
  });
  demo.once('error', (error) => log.warn('demo.ended', { error: error.message, logFile }));
  demo.unref();
  demo.channel?.unref();
}

function handedOn(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => HANDED_ON.test(name)));
}

/** Quick retries, so that there is something to see; and old rows are removed, because nobody else looks after them. */
async function ownSettings(dataDir: string, host: string, port: number): Promise<Record<string, string>> {
  return {
    DATA_DIR: dataDir,
    PORT: String((await isFree(port + 1, host)) ? port + 1 : 0),
    METRICS_PORT: '0',
    LOG_LEVEL: 'error',
    RETRY_SCHEDULE: '5,30,120',
    RETENTION_DAYS: '2',
  };
}

async function isFree(port: number, host: string): Promise<boolean> {
  if (port > 65_535) return false;
  const server = createServer();
  try {
    await once(server.listen(port, host), 'listening');
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}
