import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { startChild, type Exit } from './child.js';
import { freePort } from './services.js';
import { patient, until } from './until.js';

const PROJECT = resolve(import.meta.dirname, '../..');
const READY_MS = 15_000;

/** A Posthorn in a process of its own, as it runs in production. */
export interface RunningProcess {
  url: string;
  pid: number;
  /** What it printed, line by line. */
  log: string[];
  exited: Promise<Exit>;
  /** Sends the signal and waits for nothing but, at SIGKILL, the end. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** SIGTERM, or another signal, and the end, by SIGKILL if it takes much longer than `usualMs`. A worker ends its long poll at SIGINT only. */
  stop(usualMs?: number, signal?: NodeJS.Signals): Promise<Exit>;
}

/** This one, and the one before it, which npm run test:versions makes. */
export type Build = 'this build' | 'the build before';

export interface ProcessOptions {
  role?: 'api' | 'worker' | 'api,worker';
  /** False: returns at once, for starts that are meant to fail. */
  untilReady?: boolean;
  /** This one without a word. */
  build?: Build;
  /** Where its lines go, beside those of others. */
  log?: string[];
}

/** Starts a build's dist/main.js with this environment (TestApp.env is one) and nothing else, at a port of its own, and waits until it is ready. */
export async function startProcess(env: Record<string, string>, options: ProcessOptions = {}): Promise<RunningProcess> {
  const program = programOf(options.build ?? 'this build', 'main.js');
  const port = await freePort();
  const { PATH = '', HOME = '' } = process.env;
  const roles: Record<string, string> = options.role ? { ROLES: options.role } : {};
  const settings = { PATH, HOME, ...env, ...roles, HOST: '127.0.0.1', PORT: String(port) };
  const child = startChild(process.execPath, [program], settings, { lines: options.log });
  const url = `http://127.0.0.1:${port}`;
  if (options.untilReady !== false) {
    try {
      await until(async () => child.exit() ?? (await isReady(url)), READY_MS, 'the process to be ready');
      if (child.exit()) throw new Error('The process ended before it was ready');
    } catch (error) {
      child.send('SIGKILL');
      throw new Error(`${(error as Error).message}\n${child.lines.slice(-20).join('\n')}`, { cause: error });
    }
  }
  return {
    url,
    pid: child.pid,
    log: child.lines,
    exited: child.exited,
    stop: (usualMs = 30_000, signal = 'SIGTERM') => child.stop(usualMs, signal),
    async kill(signal = 'SIGKILL') {
      child.send(signal);
      if (signal === 'SIGKILL') await child.exited;
    },
  };
}

/** A program of a build. Throws, saying how to make it, where it is missing. */
export function programOf(build: Build, name: 'main.js' | 'cli.js'): string {
  const folder = build === 'this build' ? PROJECT : process.env['TEST_BUILD_BEFORE'];
  if (!folder) throw new Error('The build before is not there: npm run test:versions makes it.');
  const program = join(folder, 'dist', name);
  if (!existsSync(program)) throw new Error(`${program} is missing: npm run build.`);
  return program;
}

/** Whether a Posthorn at this URL wants traffic. */
export async function isReady(url: string): Promise<boolean> {
  const answer = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(patient(2_000)) });
  await answer.arrayBuffer();
  return answer.status === 200;
}
