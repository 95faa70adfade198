import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { claimsFor, randomOrgId, signToken } from '../../test/support/tokens.js';
import { Load } from '../load/load.js';
import { startRemote, type Remote } from '../load/remote.js';
import { Counters } from '../parts/counters.js';
import { posthorn } from '../parts/posthorn.js';
import { startStack } from '../parts/stack.js';
import { usageOf, usageOfAll } from '../parts/usage.js';

/** What runs during a measurement. */
export interface Form {
  title: string;
  processes: number;
  embedded: boolean;
}

export interface Settings {
  dist: string;
  /** Whether the service gets a core of its own, and everything else the other ones. */
  pin: boolean;
  nodeArgs: string[];
}

/** An organisation with an application and one endpoint, whose deliveries the receiver counts if it is the loud one. */
export interface Organisation {
  token: string;
  appId: string;
  endpointId: string;
  run: string;
}

/** The servers and the generators of one form. */
export interface Stage {
  load: Load;
  servers: string[];
  loud: Organisation;
  quiet: Organisation;
  /** The generator of the load that is measured, and the one of the neighbour. */
  generators: [Remote, Remote];
  /** CPU time of the service's processes and of the load generator so far, in ms. */
  cpuMs(): { service: number; generator: number };
  /** The largest memory of one of the service's processes since the last call, in MB. */
  peakMb(): number;
  call<T>(who: Organisation, path: string, body: unknown): Promise<T>;
  close(): Promise<void>;
}

/** The service gets this core, and the bench with all that it starts gets the others. */
const SERVICE_CORE = '0';
/** Counted before the bench gives up one: after that the system tells one less. */
const CORES = availableParallelism();

export async function openStage({ processes, embedded }: Form, { dist, pin, nodeArgs }: Settings): Promise<Stage> {
  const isPinned = pin && CORES > 1;
  if (isPinned) pinTo(process.pid, `1-${CORES - 1}`);
  const load = new Load();
  await load.open();
  const generators = [0, 1].map(() => startRemote(join(import.meta.dirname, '../load/pressure.ts'))) as [Remote, Remote];
  const stack = embedded ? null : await startStack();
  const counters = stack && new Counters(stack);
  const secret = randomBytes(32).toString('hex');
  const settings = { dist, split: false, handoff: 'on', set: [`JWT_SECRET=${secret}`], nodeArgs };
  const { target, startAnother } = await posthorn('overload', settings, stack && { stack, counters: counters! });
  await target.start();
  for (let n = 1; n < processes; n++) await startAnother();
  const programs = target.programs();
  if (isPinned) for (const { pid } of programs) pinTo(pid, SERVICE_CORE);

  const organisation = async (): Promise<Organisation> => {
    const token = signToken(secret, claimsFor({ sub: randomOrgId() }));
    const { appId, endpointIds, run } = await load.application({ ...target, token }, 1);
    return { token, appId, endpointId: endpointIds[0]!, run };
  };
  return {
    load,
    servers: programs.map(({ url }) => new URL(url).host),
    loud: await organisation(),
    quiet: await organisation(),
    generators,
    cpuMs: () => ({
      service: usageOfAll(programs.map(({ pid }) => pid)).cpuMs,
      generator: usageOf(generators[0].pid).cpuMs,
    }),
    peakMb: () => {
      const most = Math.max(...programs.map(({ pid }) => usageOf(pid).peakMb));
      for (const { pid } of programs) forgetPeak(pid);
      return most;
    },
    async call<T>({ token }: Organisation, path: string, body: unknown): Promise<T> {
      const answer = await fetch(`${target.url}/api/v1${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(30_000),
      });
      if (!answer.ok) throw new Error(`POST ${path}: ${answer.status} ${(await answer.text()).slice(0, 300)}`);
      return (await answer.json()) as T;
    },
    async close() {
      for (const generator of generators) generator.stop();
      await target.stop();
      load.close();
      await counters?.close();
      await stack?.stop();
    },
  };
}

/** All threads of the process; those that it starts later follow. */
function pinTo(pid: number, cores: string): void {
  execFileSync('taskset', ['-a', '-p', '-c', cores, String(pid)], { stdio: 'ignore' });
}

/** The kernel counts the largest memory from now on (man 5 proc, clear_refs). */
function forgetPeak(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/clear_refs`, '5');
  } catch {
    // Without the right to do so the largest memory is that since the start.
  }
}
