import { spawn, type ChildProcess } from 'node:child_process';
import { patient } from './until.js';

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** A process that tests started: what it printed, and how it ended. */
export interface Child {
  pid: number;
  /** Complete lines of stdout and stderr. */
  lines: string[];
  exited: Promise<Exit>;
  /** Undefined while it runs. */
  exit(): Exit | undefined;
  /** Sends the signal, if there is still a process to send it to. */
  send(signal: NodeJS.Signals): void;
  /** SIGTERM, or another signal, and SIGKILL if that does not end it in time, much longer than `usualMs`. */
  stop(usualMs?: number, signal?: NodeJS.Signals): Promise<Exit>;
}

/**
 * Starts a program with exactly this environment. It dies with this process, however that ends, and its `scratch` folder goes with it.
 * What it prints is added to `lines`.
 */
export function startChild(
  command: string,
  args: string[],
  env: Record<string, string>,
  { scratch, lines = [] }: { scratch?: string; lines?: string[] } = {},
): Child {
  const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let exit: Exit | undefined;
  const exited = new Promise<Exit>((done) => {
    const ended = (code: number | null, signal: NodeJS.Signals | null) => {
      exit ??= { code, signal };
      done(exit);
    };
    child.once('error', (error) => {
      lines.push(error.message);
      ended(127, null);
    });
    child.once('close', ended);
  });
  const pid = child.pid;
  if (pid === undefined) return { pid: 0, lines, exited, exit: () => exit, send: () => {}, stop: () => exited };

  collectLines(child, lines);
  const release = guard(pid, scratch);
  void exited.then(release);
  const send = (signal: NodeJS.Signals) => {
    if (!exit) child.kill(signal);
  };
  return {
    pid,
    lines,
    exited,
    exit: () => exit,
    send,
    async stop(usualMs = 10_000, signal = 'SIGTERM') {
      send(signal);
      send('SIGCONT');
      const timer = setTimeout(() => send('SIGKILL'), patient(usualMs));
      return exited.finally(() => clearTimeout(timer));
    },
  };
}

/**
 * A shell that waits for this process to go away and then kills the child. A handler for 'exit' would not do: Jest's workers
 * are killed without one, and a child that is stopped by SIGSTOP hears nothing but SIGKILL.
 */
export function guard(pid: number, scratch = ''): () => void {
  const script = 'while read -r _; do exit; done; kill -KILL "$1"; if [ -n "$2" ]; then sleep 0.2; rm -rf "$2"; fi';
  const guardian = spawn('/bin/sh', ['-c', script, 'guardian', String(pid), scratch], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  guardian.on('error', () => {});
  guardian.stdin.on('error', () => {});
  guardian.unref();
  (guardian.stdin as unknown as { unref(): void }).unref();
  return () => guardian.stdin.end('done\n');
}

function collectLines(child: ChildProcess, lines: string[]): void {
  for (const stream of [child.stdout!, child.stderr!]) {
    let rest = '';
    stream.setEncoding('utf8').on('data', (text: string) => {
      const parts = (rest + text).split('\n');
      rest = parts.pop()!;
      for (const part of parts) lines.push(part);
    });
    stream.on('end', () => rest && lines.push(rest));
  }
}
