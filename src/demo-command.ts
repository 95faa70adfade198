import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Tokens } from './api/auth/tokens.js';
import { CommandError, Misuse } from './command-line.js';
import type { AppConfig } from './config/config.js';
import { makePrivateFolder } from './config/private-folder.js';
import { DEMO_ORG_ID } from './dev/demo/applications.js';
import { startDemo, type Demo, type DemoOptions } from './dev/demo/demo.js';
import { DemoFault } from './dev/demo/demo-api.js';
import { DemoReceiver } from './dev/demo/receiver.js';
import { linksText, type DemoLinks } from './demo-links.js';

export const DEMO_USAGE = `Usage: node dist/cli.js demo [--own]

Fills a running service with lively data: three applications, endpoints that fail in different ways, and a message or more a
second until Ctrl-C. Run again, it goes on with the same applications. They belong to the organisation ${DEMO_ORG_ID}.

  --own    starts a service for it, with its data in DATA_DIR

SERVER: where the service is (default http://localhost:3000); TOKEN: a token of an organisation of it, if it was not started with
the same JWT_SECRET or DATA_DIR. The service must be able to reach loopback of this machine.`;

const USUAL_SERVER = 'http://localhost:3000';

/** What the command gets from the command line. */
export interface DemoSurroundings {
  environment: NodeJS.ProcessEnv;
  configOf: () => AppConfig;
  print: (text: string) => void;
}

/** Runs the command `demo`: it goes on until a signal comes. Throws Misuse, or CommandError if the service can't be filled. */
export async function runDemo(rest: string[], { environment, configOf, print }: DemoSurroundings): Promise<void> {
  if (rest.includes('--help')) return print(DEMO_USAGE);
  if (rest.some((word) => word !== '--own')) throw new Misuse(DEMO_USAGE);
  if (rest.includes('--own')) return runOwn({ environment, configOf, print });
  const server = serverOf(environment.SERVER);
  const token = environment.TOKEN || (await new Tokens(configOf()).mint(DEMO_ORG_ID));
  const demo = await started({ server, token, calmsDown: false, say: print });
  const howToGetToken = environment.TOKEN ? 'the token in TOKEN' : `npm run -s token -- ${DEMO_ORG_ID}`;
  print(linksText('The demo runs until Ctrl-C.', { portal: demo.portal, console: demo.console, token: howToGetToken }));
  onSignal(() => void demo.stop().then(() => process.exit(0)));
}

/** The process that `demo-beside.ts` starts. It ends with the process that started it, however that one ends. */
async function runOwn({ environment, configOf, print }: DemoSurroundings): Promise<void> {
  const { start } = await import('./start.js');
  const receiver = await receiverOf(configOf().dataDir);
  const { config, port } = await start({ ...environment, DEMO: 'off' });
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  const server = `http://localhost:${port}`;
  const token = await new Tokens(config).mint(DEMO_ORG_ID);
  const demo = await started({ server, token, calmsDown: true, say: print, receiver });
  // The service itself stops with its running attempts, which would wait for endpoints that never answer.
  onSignal(() => {
    receiver.letGo();
    void demo.stop();
  });
  const links: DemoLinks = {
    portal: demo.portal,
    console: demo.console,
    token: `DATA_DIR=${config.dataDir} npm run -s token -- ${DEMO_ORG_ID}`,
  };
  if (process.send) process.send(links);
  else print(linksText('The demo runs until Ctrl-C.', links));
}

/** The receiver on the port that the endpoints of an earlier run have, which is kept beside their data. */
async function receiverOf(dataDir: string): Promise<DemoReceiver> {
  makePrivateFolder(dataDir);
  const file = join(dataDir, 'receiver-port');
  const receiver = await DemoReceiver.start(existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0);
  writeFileSync(file, String(receiver.port), { mode: 0o600 });
  return receiver;
}

function onSignal(stop: () => void): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
}

function serverOf(given: string | undefined): string {
  const url = URL.parse(given || USUAL_SERVER);
  if (url === null || !/^https?:$/.test(url.protocol)) throw new Misuse(`SERVER must be a URL such as ${USUAL_SERVER}.`);
  return url.origin;
}

async function started(given: DemoOptions): Promise<Demo> {
  try {
    return await startDemo(given);
  } catch (error) {
    throw error instanceof DemoFault ? new CommandError(error.message, 1) : error;
  }
}
