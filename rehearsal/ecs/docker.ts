import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { pause } from './pause.js';
import { Processes } from './processes.js';

const ANSWER_LIMIT_MS = 30_000;
/** Two installations of all packages, on a small machine. */
const BUILD_LIMIT_MS = 30 * 60_000;

/** What Docker's engine can do here. */
export interface Engine {
  /** Of the machine. */
  memoryBytes: number;
  limitsMemory: boolean;
  limitsSwap: boolean;
}

/** What `docker info` says, as far as it is read here. */
interface Info {
  ServerVersion?: string;
  ServerErrors?: string[];
  OperatingSystem?: string;
  SecurityOptions?: string[];
  MemTotal?: number;
  MemoryLimit?: boolean;
  SwapLimit?: boolean;
}

/**
 * Asks Docker's engine what it can do.
 *
 * @throws Error that says what to install or to start
 */
export async function findEngine(): Promise<Engine> {
  const isLinux = process.platform === 'linux';
  const info = await infoOf();
  const { OperatingSystem = '', SecurityOptions = [], MemTotal = 0, MemoryLimit = false, SwapLimit = false } = info;
  // In a virtual machine, or without root, "host" is a network of its own: no task would be where its target group looks.
  if (!isLinux || OperatingSystem.includes('Docker Desktop') || SecurityOptions.some((one) => one.includes('rootless')))
    throw new Error('--containers needs Docker Engine on Linux, run by root: the tasks share the network of this machine.');
  return { memoryBytes: MemTotal, limitsMemory: MemoryLimit, limitsSwap: SwapLimit };
}

async function infoOf(): Promise<Info> {
  const started = 'Start it (`systemctl start docker`), and let your user be of the group `docker`.';
  try {
    const { stdout } = await docker('info', '--format', '{{json .}}');
    const info = JSON.parse(stdout) as Info;
    if (info.ServerVersion) return info;
    throw new Error(`Docker's engine does not answer. ${started}\n${info.ServerErrors?.join('\n') ?? ''}`);
  } catch (error) {
    const { code, stderr } = error as { code?: unknown; stderr?: string };
    if (code === 'ENOENT')
      throw new Error(
        '--containers needs Docker: apt-get install docker.io docker-buildx, or https://docs.docker.com/engine/install/',
        {
          cause: error,
        },
      );
    if (stderr === undefined) throw error;
    throw new Error(`Docker's engine does not answer. ${started}\n${stderr.trim()}`, { cause: error });
  }
}

/** @throws Error if Docker has no image of that name */
export async function requireImage(tag: string): Promise<void> {
  await docker('image', 'inspect', '--format', '{{.Id}}', tag).catch((error: unknown) => {
    throw new Error(`There is no image ${tag}: build it, or leave out the option that names it.`, { cause: error });
  });
}

/**
 * Builds the Dockerfile of a folder.
 *
 * @param say gets the lines of its progress
 * @throws Error if it fails, or takes half an hour
 */
export async function buildImage(folder: string, tag: string, say: (line: string) => void): Promise<void> {
  const lines: string[] = [];
  const onLine = (line: string) => (lines.push(line), say(line));
  // Of Processes, so that no build goes on without the rehearsal.
  const build = new Processes().start({
    command: ['docker', 'build', '--tag', tag, '.'],
    cwd: folder,
    env: ofThisMachine(),
    onLine,
  });
  const done = new AbortController();
  const exit = await Promise.race([build.exited, pause(BUILD_LIMIT_MS, done.signal).then(() => null)]);
  done.abort();
  if (exit?.code === 0) return;
  build.signal('SIGTERM');
  const why = exit
    ? `docker build ended with ${exit.code ?? exit.signal}`
    : `it took longer than ${BUILD_LIMIT_MS / 60_000} minutes`;
  throw new Error(`The image of ${folder} could not be built: ${why}.\n${lines.slice(-20).join('\n')}`);
}

function docker(...args: string[]): Promise<{ stdout: string; stderr: string }> {
  return promisify(execFile)('docker', args, { timeout: ANSWER_LIMIT_MS });
}

/** All of it: a build may need a proxy, and knows options of its own. */
function ofThisMachine(): Record<string, string> {
  return Object.fromEntries(Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
