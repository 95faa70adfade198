import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { ContainerSignals } from './container-signals.js';
import { clientEnvironment, execCall, runCall, type Call } from './docker-calls.js';
import type { Engine } from './docker.js';
import { Processes, type OwnProcess, type ProcessOrder } from './processes.js';
import type { ContainerOrder, Runner } from './runner.js';

/**
 * Runs the tasks as containers of Docker, and lets none of them survive. The process of each is Docker's client, which stays attached: what
 * the container prints and how it ends comes from there. If this process goes away, however it does, a shell that waits for that removes all
 * containers with the label of this rehearsal.
 */
export class Containers implements Runner {
  private readonly label = `posthorn.rehearsal=${randomBytes(8).toString('hex')}`;
  private readonly clients = new Processes();
  private readonly running = new Set<string>();
  private readonly engine: Engine;
  private guardian: ChildProcess | null = null;

  constructor(engine: Engine) {
    this.engine = engine;
  }

  /** Throws if its image was not built. */
  start(order: ContainerOrder): OwnProcess {
    const name = `posthorn-rehearsal-${randomBytes(6).toString('hex')}`;
    const { label, engine } = this;
    const call = runCall(order, { name, label, engine, modules: import.meta.dirname });
    this.watch(name);
    const client = this.call(call, order);
    void client.exited.then(() => this.release(name));
    const signals = new ContainerSignals({
      name,
      hasEnded: () => client.exit() !== null,
      docker: async (args) => (await this.call({ args: [...args], env: clientEnvironment() }).exited).code === 0,
    });
    return {
      ...client,
      signal: (signal) => void (client.exit() ?? signals.send(signal)),
      beside: (more) => this.call(execCall(name, more.command, changes(order.env, more.env)), more),
    };
  }

  /** How many run. */
  get count(): number {
    return this.running.size;
  }

  /** Removes all of them, without waiting: for handlers of `exit`. */
  killNow(): void {
    this.clients.killNow();
    this.guardian?.stdin!.end();
    this.guardian = null;
  }

  private call({ args, env }: Call, { cwd = '/', onLine = () => {} }: Partial<ProcessOrder> = {}): OwnProcess {
    return this.clients.start({ command: ['docker', ...args], cwd, env, onLine });
  }

  private watch(name: string): void {
    this.running.add(name);
    this.guardian ??= startGuardian(this.label);
  }

  private release(name: string): void {
    this.running.delete(name);
    if (this.running.size > 0) return;
    this.guardian?.stdin!.end('done\n');
    this.guardian = null;
  }
}

/** What is another in the second. */
function changes(before: Readonly<Record<string, string>>, after: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(after).filter(([name, value]) => before[name] !== value));
}

/** More than once: the engine may be making one while its client is killed. */
const GUARDIAN = `
read -r word && [ "$word" = done ] && exit
for pause in 0 1 2 4; do
  sleep $pause
  left=$(docker ps --all --quiet --filter "label=$1")
  [ -z "$left" ] || docker rm --force --volumes $left
done
`;

/** Its input ends with this process. In a group of its own, since Ctrl-C must not reach it. */
function startGuardian(label: string): ChildProcess {
  const stdio: ['pipe', 'ignore', 'ignore'] = ['pipe', 'ignore', 'ignore'];
  const guardian = spawn('/bin/sh', ['-c', GUARDIAN, 'guardian', label], { stdio, detached: true, env: clientEnvironment() });
  guardian.on('error', () => {});
  guardian.stdin.on('error', () => {});
  guardian.unref();
  (guardian.stdin as unknown as { unref(): void }).unref();
  return guardian;
}
