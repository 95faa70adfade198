import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { constants } from 'node:os';
import { readLines } from './lines.js';

/** How a process ended. Code 127 if it could not be started at all. */
export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface ProcessOrder {
  /** The program and its arguments. `node` is the Node that runs the rehearsal. */
  command: readonly string[];
  cwd: string;
  /** All of its environment. */
  env: Record<string, string>;
  onLine(line: string, stream: 'stdout' | 'stderr'): void;
  /** Whether it gets a channel for messages. */
  channel?: boolean;
}

/** A process with a group of its own. */
export interface OwnProcess {
  process: ChildProcess;
  /** Resolves when it has ended and its last line was handed over. */
  exited: Promise<Exit>;
  /** Null while it runs. */
  exit(): Exit | null;
  /** Sends the signal, unless it has ended. */
  signal(signal: NodeJS.Signals): void;
  /** Starts one more program where this one runs. Its environment is given whole, too. */
  beside(order: ProcessOrder): OwnProcess;
}

/**
 * Starts processes and lets none of them survive. Each is the leader of its own group, so that Ctrl-C in the terminal does not reach it;
 * when it ends, the rest of its group is killed, as a container takes all of its processes along. If this process goes away, however it
 * does, a shell that waits for that kills all groups.
 */
export class Processes {
  private readonly groups = new Set<number>();
  private guardian: ChildProcess | null = null;

  start({ command, cwd, env, onLine, channel = false }: ProcessOrder): OwnProcess {
    const [program = '', ...args] = command;
    const stdio: StdioOptions = channel ? ['ignore', 'pipe', 'pipe', 'ipc'] : ['ignore', 'pipe', 'pipe'];
    const child = spawn(program === 'node' ? process.execPath : program, args, { cwd, env, stdio, detached: true });
    let exit: Exit | null = null;
    const ended = (code: number | null, signal: NodeJS.Signals | null) => {
      exit ??= { code, signal };
      this.release(child.pid);
      return exit;
    };
    child.once('exit', ended);
    const exited = new Promise<Exit>((done) => {
      child.once('error', (error) => {
        onLine(error.message, 'stderr');
        done(ended(127, null));
      });
      child.once('close', (code, signal) => done(ended(code, signal)));
    });
    if (child.pid !== undefined) this.watch(child.pid);
    readLines(child.stdout!, (line) => onLine(line, 'stdout'));
    readLines(child.stderr!, (line) => onLine(line, 'stderr'));
    const signal = (what: NodeJS.Signals) => void (exit ?? child.kill(what));
    return { process: child, exited, exit: () => exit, signal, beside: (order) => this.start(order) };
  }

  /** SIGKILL to all of them, at once and without waiting: for handlers of `exit`. */
  killNow(): void {
    for (const group of this.groups) killGroup(group);
  }

  /** How many run. */
  get count(): number {
    return this.groups.size;
  }

  private watch(group: number): void {
    this.groups.add(group);
    this.guardian ??= startGuardian();
    this.guardian.stdin!.write(`watch ${group}\n`);
  }

  /** The group is killed before its number can belong to somebody else. */
  private release(group: number | undefined): void {
    if (group === undefined || !this.groups.delete(group)) return;
    killGroup(group);
    this.guardian?.stdin!.write(`release ${group}\n`);
    if (this.groups.size > 0) return;
    this.guardian?.stdin!.end();
    this.guardian = null;
  }
}

/** The exit code that Docker gives a container: 128 and the number of the signal, if one ended it. */
export function exitCode({ code, signal }: Exit): number {
  return code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
}

function killGroup(group: number): void {
  try {
    process.kill(-group, 'SIGKILL');
  } catch {
    // Nobody is left in it.
  }
}

const GUARDIAN = `
groups=
while read -r what group; do
  if [ "$what" = watch ]; then groups="$groups $group"; continue; fi
  rest=
  for other in $groups; do [ "$other" = "$group" ] || rest="$rest $other"; done
  groups=$rest
done
for group in $groups; do kill -s KILL -- "-$group"; done
`;

/** Its input ends with this process. In a group of its own too, since Ctrl-C must not reach it. */
function startGuardian(): ChildProcess {
  const guardian = spawn('/bin/sh', ['-c', GUARDIAN], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  guardian.on('error', () => {});
  guardian.stdin.on('error', () => {});
  guardian.unref();
  (guardian.stdin as unknown as { unref(): void }).unref();
  return guardian;
}
