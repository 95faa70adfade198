import { fork } from 'node:child_process';
import { join } from 'node:path';

const LOADER = join(import.meta.dirname, '../typescript.mjs');

interface Question {
  id: number;
  call: string;
  argument: unknown;
}

interface Answer {
  id: number;
  result?: unknown;
  error?: string;
}

/** A program of ours in a process of its own, whose functions can be called. */
export interface Remote {
  pid: number;
  /** Calls one of its functions. Throws what it threw, or when it ends or takes too long. */
  call<T>(name: string, argument?: unknown, withinMs?: number): Promise<T>;
  stop(): void;
}

/** Starts a program that calls `serve`. It ends with this process, however that ends. */
export function startRemote(file: string, args: string[] = [], environment: NodeJS.ProcessEnv = process.env): Remote {
  const child = fork(file, args, { execArgv: ['--import', LOADER], serialization: 'advanced', env: environment });
  const waiting = new Map<number, { done(answer: unknown): void; failed(error: Error): void }>();
  let lastId = 0;
  child.on('message', ({ id, result, error }: Answer) => {
    const caller = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) caller?.done(result);
    else caller?.failed(new Error(error));
  });
  child.once('exit', (code, signal) => {
    for (const { failed } of waiting.values()) failed(new Error(`${file} ended: ${signal ?? code}`));
    waiting.clear();
  });
  return {
    pid: child.pid!,
    call<T>(name: string, argument?: unknown, withinMs = 30_000): Promise<T> {
      const id = ++lastId;
      return new Promise<T>((done, failed) => {
        const timer = setTimeout(() => failed(new Error(`${name} of ${file} took more than ${withinMs} ms`)), withinMs);
        const ended = { done: (answer: unknown) => done(answer as T), failed };
        waiting.set(id, {
          done: (answer) => (clearTimeout(timer), ended.done(answer)),
          failed: (error) => (clearTimeout(timer), ended.failed(error)),
        });
        child.send({ id, call: name, argument } satisfies Question);
      });
    },
    stop: () => void child.kill('SIGKILL'),
  };
}

/** The other side: these functions may be called by whoever started this process. */
export function serve(functions: Record<string, (argument: never) => unknown>): void {
  process.on('message', ({ id, call, argument }: Question) => {
    const run = async () => functions[call]!(argument as never);
    run().then(
      (result) => process.send!({ id, result } satisfies Answer),
      (error: Error) => process.send!({ id, error: error.stack ?? error.message } satisfies Answer),
    );
  });
  process.on('disconnect', () => process.exit(0));
}
