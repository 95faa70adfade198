import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { startChild, type Exit } from './child.js';
import { freePort } from './services.js';
import { until } from './until.js';

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
  /** SIGTERM and the end, by SIGKILL if it takes longer than `withinMs`. */
  stop(withinMs?: number): Promise<Exit>;
}

export interface ProcessOptions {
  role?: 'api' | 'worker' | 'api,worker';
  /** False: returns at once, for starts that are meant to fail. */
  untilReady?: boolean;
}

/** Starts dist/main.js with this environment (TestApp.env is one) and nothing else, at a port of its own, and waits until it is ready. */
export async function startProcess(env: Record<string, string>, options: ProcessOptions = {}): Promise<RunningProcess> {
  const program = join(PROJECT, 'dist/main.js');
  if (!existsSync(program)) throw new Error('dist/main.js is missing: npm run build.');
  const port = await freePort();
  const { PATH = '', HOME = '' } = process.env;
  const roles: Record<string, string> = options.role ? { ROLES: options.role } : {};
  const child = startChild(process.execPath, [program], {
    PATH,
    HOME,
    ...env,
    ...roles,
    HOST: '127.0.0.1',
    PORT: String(port),
  });
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
    stop: (withinMs = 30_000) => child.stop(withinMs),
    async kill(signal = 'SIGKILL') {
      child.send(signal);
      if (signal === 'SIGKILL') await child.exited;
    },
  };
}

/** Whether a Posthorn at this URL wants traffic. */
export async function isReady(url: string): Promise<boolean> {
  const answer = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(2_000) });
  await answer.arrayBuffer();
  return answer.status === 200;
}
