import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { userInfo, tmpdir } from 'node:os';
import { join } from 'node:path';
import mysql from 'mysql2/promise';
import { startChild, type Child } from './child.js';
import { patient, until } from './until.js';

const START_MS = 30_000;
const STARTS = 3;

/** A server that tests started for themselves, to use and to mistreat. */
export interface Service {
  url: string;
  port: number;
  /** What it printed, line by line. */
  log: readonly string[];
  pid(): number;
  /** SIGSTOP: it keeps its connections and answers nothing. */
  freeze(): void;
  thaw(): void;
  /** SIGKILL, as when the machine is lost. Afterwards only `restart` or `stop`. */
  kill(): Promise<void>;
  /** Starts it again on the same port and data, ending it first if it still runs. */
  restart(): Promise<void>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

interface Recipe {
  name: string;
  /** Where its data folder is made. */
  within?: string;
  /** Prepares the data folder, once. */
  prepare?: (folder: string) => Promise<void>;
  command: (port: number, folder: string) => [program: string, ...args: string[]];
  /** Resolves or says true once it serves. */
  ready: (port: number) => Promise<unknown>;
  url: (port: number) => string;
}

/** Starts a program for which a file that reached its size limit is an error. Without this the signal ends it. */
const WITH_SIZE_LIMITS = `trap '' XFSZ; exec "$0" "$@"`;

const temporary = (folder: string) => join(folder, 'tmp');

/** A server that starts, also that of an installation, removes the temporary tables of all others that share this folder. */
const ownTemporary = (folder: string) => `--tmpdir=${temporary(folder)}`;

/** MariaDB with its default durability: each commit is on the disk. `within` is the folder that gets its data folder. */
export function startMariaDb(options: readonly string[] = [], within = tmpdir()): Promise<Service> {
  const user = `--user=${userInfo().username}`;
  return start({
    name: 'MariaDB',
    within,
    prepare: async (folder) => {
      await mkdir(temporary(folder));
      const installer = binary('mariadb-install-db', 'mariadb-server');
      const installation = [
        '--no-defaults',
        user,
        `--datadir=${join(folder, 'data')}`,
        '--auth-root-authentication-method=normal',
        '--skip-test-db',
        ownTemporary(folder),
      ];
      const install = startChild(installer, installation, toolEnvironment());
      const { code } = await install.exited;
      if (code !== 0) throw new Error(`mariadb-install-db failed:\n${install.lines.join('\n')}`);
    },
    command: (port, folder) => [
      '/bin/sh',
      '-c',
      WITH_SIZE_LIMITS,
      binary('mariadbd', 'mariadb-server'),
      '--no-defaults',
      user,
      `--datadir=${join(folder, 'data')}`,
      `--socket=${join(folder, 'mariadb.sock')}`,
      `--pid-file=${join(folder, 'mariadb.pid')}`,
      ownTemporary(folder),
      '--bind-address=127.0.0.1',
      `--port=${port}`,
      '--skip-name-resolve',
      '--max-connections=300',
      '--innodb-flush-log-at-trx-commit=1',
      ...options,
    ],
    ready: async (port) => {
      const connection = await mysql.createConnection({ uri: `mysql://root@127.0.0.1:${port}/`, connectTimeout: patient(1_000) });
      await connection.query('SELECT 1').finally(() => connection.destroy());
      return true;
    },
    url: (port) => `mysql://root@127.0.0.1:${port}/`,
  });
}

/** Redis without a disk. */
export function startRedis(): Promise<Service> {
  return start({
    name: 'Redis',
    command: (port, folder) => [
      binary('redis-server', 'redis-server'),
      '--bind',
      '127.0.0.1',
      // Without a password it would refuse who calls from another address than 127.0.0.1. Nobody else reaches it.
      '--protected-mode',
      'no',
      '--port',
      String(port),
      '--dir',
      folder,
      '--save',
      '',
      '--appendonly',
      'no',
    ],
    ready: (port) => redisAnswers(port),
    url: (port) => `redis://127.0.0.1:${port}`,
  });
}

/** The SQS emulator in a process of its own. A restart keeps the queues and loses their messages. */
export function startSqs(): Promise<Service> {
  return start({
    name: 'the SQS emulator',
    command: (port, folder) => [
      process.execPath,
      join(import.meta.dirname, 'sqs-emulator.mjs'),
      String(port),
      join(folder, 'queues.json'),
    ],
    ready: async (port) => (await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(patient(1_000)) })).status > 0,
    url: (port) => `http://127.0.0.1:${port}`,
  });
}

async function start(recipe: Recipe): Promise<Service> {
  const folder = await mkdtemp(join(recipe.within ?? tmpdir(), 'posthorn-service-'));
  try {
    await recipe.prepare?.(folder);
    const log: string[] = [];
    const { port, ...first } = await firstStart(recipe, folder, log);
    let child = first.child;
    return {
      url: recipe.url(port),
      port,
      log,
      pid: () => child.pid,
      freeze: () => child.send('SIGSTOP'),
      thaw: () => child.send('SIGCONT'),
      async kill() {
        child.send('SIGKILL');
        await child.exited;
      },
      async restart() {
        await child.stop(START_MS);
        child = await launch(recipe, folder, port, log);
      },
      async stop() {
        await child.stop(START_MS);
        await rm(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** Another process may take the port between our look and the server's own: then another one is tried. */
async function firstStart(recipe: Recipe, folder: string, log: string[]): Promise<{ child: Child; port: number }> {
  for (let left = STARTS; ; left--) {
    const port = await freePort();
    try {
      return { child: await launch(recipe, folder, port, log), port };
    } catch (error) {
      if (left === 1) throw error;
    }
  }
}

async function launch(recipe: Recipe, folder: string, port: number, log: string[]): Promise<Child> {
  const [program, ...args] = recipe.command(port, folder);
  const child = startChild(program, args, toolEnvironment(), { scratch: folder, lines: log });
  try {
    await until(() => child.exit() ?? recipe.ready(port), START_MS, `${recipe.name} to serve on port ${port}`);
    if (child.exit()) throw new Error(`${recipe.name} did not start:\n${child.lines.slice(-20).join('\n')}`);
    return child;
  } catch (error) {
    child.send('SIGKILL');
    throw error;
  }
}

/** A port on which nothing listens now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}

/** @throws Error that names the package to install if MariaDB or Redis is not there */
export function requireServers(): void {
  binary('mariadbd', 'mariadb-server');
  binary('redis-server', 'redis-server');
}

/** Full path of a program, for which /usr/sbin counts even where PATH leaves it out. */
function binary(name: string, debianPackage: string): string {
  const folders = [...(process.env['PATH'] ?? '').split(':'), '/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin'];
  const found = folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
  if (!found) throw new Error(`${name} is not installed: apt-get install ${debianPackage}`);
  return found;
}

function toolEnvironment(): Record<string, string> {
  const { PATH = '/usr/bin:/bin', HOME = tmpdir() } = process.env;
  return { PATH, HOME, LC_ALL: 'C' };
}

function redisAnswers(port: number): Promise<boolean> {
  return new Promise((done, failed) => {
    const socket = connect({ port, host: '127.0.0.1', timeout: patient(1_000) }, () => socket.write('PING\r\n'));
    socket.once('data', (answer) => done(answer.toString().startsWith('+PONG')));
    socket.once('timeout', () => failed(new Error('no answer to PING')));
    socket.once('error', failed);
    for (const event of ['data', 'timeout', 'error']) socket.once(event, () => socket.destroy());
  });
}
