import { setTimeout as sleep } from 'node:timers/promises';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { BadConfiguration, loadConfig, type AppConfig } from './config/config.js';
import { localSecrets } from './config/local-secrets.js';
import { setNetworkDefaults } from './config/network-defaults.js';
import { Database } from './database/database.js';
import { Worker } from './delivery/worker.js';
import { addressesOf, listenWidely } from './api/http-support/listeners.js';
import { startDemoBeside } from './demo-beside.js';
import { createApp } from './http-server.js';
import { createLog, errorFields, type Log } from './observability/log.js';
import { Drain } from './release/drain.js';
import { welcome } from './welcome.js';

/** Everything that a stop waits for takes less. If something still hangs after this, the process ends; claimed deliveries come due when their leases end. */
const STOP_LIMIT_MS = 110_000;

/** A service that listens. */
export interface Started {
  config: AppConfig;
  port: number;
}

/** Runs the process: reads the configuration, makes the application, listens, and stops on a signal. If that fails, the process ends with 1. */
export async function start(environment: NodeJS.ProcessEnv): Promise<Started> {
  setNetworkDefaults();
  const config = configure(environment);
  const log = createLog(config.log.level, undefined, config.serviceName);
  try {
    if (config.database.mysqlUrl === null) await holdDataFolder(config);
    const app = await createApp(config, log);
    const stop = stopOnce(app, config, log);
    process.on('SIGTERM', () => void stop('SIGTERM', 0));
    process.on('SIGINT', () => void stop('SIGINT', 0));
    void app.get(Database).fatal.then((reason) => {
      log.error('server.failed', errorFields(reason));
      return stop('SIGINT', 1);
    });
    await listen(app, config);
    const { port } = app.getHttpServer().address() as { port: number };
    welcome(config, port, log);
    if (config.demo) await startDemoBeside(config, environment, port, log);
    return { config, port };
  } catch (error) {
    log.error('server.failed', errorFields(error));
    process.exit(1);
  }
}

async function listen(app: NestFastifyApplication, config: AppConfig): Promise<void> {
  let close = () => Promise.resolve();
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('preClose', () => close());
  const { port, host } = config.http;
  const where = { port, addresses: await addressesOf(host) };
  close = await listenWidely(app.getHttpServer(), (options) => app.listen(options as never), where);
}

function configure(environment: NodeJS.ProcessEnv): AppConfig {
  try {
    return loadConfig(environment, localSecrets);
  } catch (error) {
    const log = createLog('info');
    if (error instanceof BadConfiguration) log.error(error.message, { faults: error.faults });
    else log.error('server.failed', errorFields(error));
    process.exit(1);
  }
}

async function holdDataFolder(config: AppConfig): Promise<void> {
  const { holdDataFolder: hold } = await import('./database/data-folder.js');
  hold(config.dataDir, 2_000);
}

/**
 * Answers the function that stops the process. The process is not ready from the first moment, and the worker takes no new work. HTTP is
 * still served for a while, because load balancers need seconds to notice. Then everything is closed, connection pools last. Further
 * signals change nothing: npm repeats a signal that the terminal has sent already.
 */
function stopOnce(
  app: NestFastifyApplication,
  config: AppConfig,
  log: Log,
): (signal: 'SIGTERM' | 'SIGINT', exitCode: number) => Promise<void> {
  let stopping = false;
  return async (signal, exitCode) => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => {
      log.error('server.stop_given_up', { afterMs: STOP_LIMIT_MS });
      process.exit(1);
    }, STOP_LIMIT_MS).unref();
    log.info('server.stopping', { signal });
    app.get(Drain).begin();
    try {
      const worker = config.roles.worker ? app.get(Worker).stop(signal) : Promise.resolve();
      await Promise.all([worker, sleep(signal === 'SIGTERM' ? config.drainMs : 0)]);
      await app.close();
      log.info('server.stopped', { exitCode });
    } catch (error) {
      log.error('server.stop_failed', errorFields(error));
      process.exit(1);
    }
    process.exit(exitCode);
  };
}
