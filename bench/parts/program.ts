import { spawn, type ChildProcess } from 'node:child_process';
import { openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { guard } from '../../test/support/child.js';
import { until } from '../../test/support/until.js';
import { now } from '../load/clock.js';

const COUNTER = join(import.meta.dirname, 'count-writes.mjs');
const READY_MS = 30_000;
const STOP_MS = 60_000;
const ASK_MS = 20_000;

/** A server under measurement: a Node program in a process of its own. What it prints goes to a file, as under a container runtime. */
export interface Program {
  pid: number;
  url: string;
  /** From its start to its first "ready". */
  bootMs: number;
  /** Writes to this port so far. */
  writesTo(port: number): Promise<number>;
  /** The longest turn of the event loop since the last call, in ms of CPU time; the first call starts the measurement. */
  longestTurn(): Promise<number>;
  /** What its heap holds, after a collection if it has --expose-gc. */
  memory(): Promise<{ heapBytes: number; externalBytes: number; timers: number }>;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** SIGINT, at once; SIGTERM as in production: after a last long poll at the queue. */
  stop(signal?: 'SIGINT' | 'SIGTERM'): Promise<void>;
}

export interface ProgramOptions {
  args: string[];
  env: Record<string, string>;
  port: number;
  logFile: string;
}

/** Starts it and waits until /health/ready answers 200. It dies with this process. */
export async function startProgram({ args, env, port, logFile }: ProgramOptions): Promise<Program> {
  const { PATH = '', HOME = '' } = process.env;
  const output = openSync(logFile, 'a');
  const startedAt = now();
  const child = spawn(process.execPath, ['--import', COUNTER, ...args], {
    env: { PATH, HOME, ...env },
    stdio: ['ignore', output, output, 'ipc'],
  });
  const release = guard(child.pid!);
  const exited = new Promise<void>((done) => child.once('exit', () => (release(), done())));
  const url = `http://127.0.0.1:${port}`;
  try {
    await until(() => child.exitCode !== null || isReady(url), READY_MS, `${url} to be ready`);
    if (child.exitCode !== null) throw new Error(`It ended with ${child.exitCode}`);
  } catch (error) {
    child.kill('SIGKILL');
    throw new Error(`${args.join(' ')}: ${(error as Error).message}\n${lastLines(logFile)}`, { cause: error });
  }
  const bootMs = now() - startedAt;
  return {
    pid: child.pid!,
    url,
    bootMs,
    writesTo: async (remote) => (await ask<{ writes: Record<string, number> }>(child, 'writes')).writes[remote] ?? 0,
    longestTurn: async () => (await ask<{ longestMs: number }>(child, 'longest turn')).longestMs,
    memory: () => ask(child, 'memory'),
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
    async stop(signal = 'SIGINT') {
      child.kill(signal);
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
      await exited;
      clearTimeout(timer);
    },
  };
}

async function isReady(url: string): Promise<boolean> {
  const answer = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(2_000) });
  await answer.arrayBuffer();
  return answer.status === 200;
}

function ask<T>(child: ChildProcess, question: string): Promise<T> {
  return new Promise((done, failed) => {
    const timer = setTimeout(() => failed(new Error(`The process does not answer: ${question}`)), ASK_MS);
    child.once('message', (answer) => {
      clearTimeout(timer);
      done(answer as T);
    });
    child.send(question);
  });
}

function lastLines(file: string): string {
  return readFileSync(file, 'utf8').split('\n').slice(-20).join('\n');
}
