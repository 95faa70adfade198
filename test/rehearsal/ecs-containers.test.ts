import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { settingsOf } from '../../rehearsal/ecs/container-settings.js';
import { ContainerSignals } from '../../rehearsal/ecs/container-signals.js';
import { Containers } from '../../rehearsal/ecs/containers.js';
import { execCall, runCall, type Berth } from '../../rehearsal/ecs/docker-calls.js';
import type { OwnProcess } from '../../rehearsal/ecs/processes.js';
import type { ContainerOrder } from '../../rehearsal/ecs/runner.js';
import type { TaskDefinition } from '../../rehearsal/model.js';
import { until } from '../support/until.js';

const PROJECT = resolve(import.meta.dirname, '../..');
const GIB = 1_073_741_824;
const ENGINE = { memoryBytes: 8 * GIB, limitsMemory: true, limitsSwap: true };
const BERTH: Berth = { name: 'one', label: 'posthorn.rehearsal=1', engine: ENGINE, modules: '/modules' };

/** As the project's own says, in a task of 2 GiB. */
const SETTINGS = settingsOf({ ...JSON.parse(readFileSync(join(PROJECT, 'taskdef.json'), 'utf8')), memory: '2048' });

function anOrder(changes: Partial<TaskDefinition> = {}, env: Record<string, string> = {}): ContainerOrder {
  const definition: TaskDefinition = {
    arn: 'arn:aws:ecs:eu-west-1:123456789012:task-definition/posthorn:7',
    family: 'posthorn',
    image: 'posthorn:now',
    environment: { ROLES: 'api' },
    secrets: { JWT_SECRET: 'arn:jwt' },
    containerName: 'app',
    port: 3_000,
    command: null,
    healthCheck: null,
    stopTimeoutMs: 119_500,
    settings: SETTINGS,
    ...changes,
  };
  return {
    command: ['node', 'dist/main.js'],
    cwd: PROJECT,
    env: { PATH: '/bin', HOME: '/root', NODE_ENV: 'production', ROLES: 'api', JWT_SECRET: 'hidden', HOST: '127.20.0.1', ...env },
    image: {
      folder: PROJECT,
      entryPoint: ['node'],
      command: ['dist/main.js'],
      environment: { NODE_ENV: 'production' },
      tag: 'built:1',
    },
    definition,
    onLine: () => {},
  };
}

const argsOf = (changes: Partial<TaskDefinition> = {}, env = {}) => runCall(anOrder(changes, env), BERTH).args;

describe('the call that runs a container', () => {
  it('gives it the network of this machine, and removes it at its end', () => {
    expect(argsOf()).toEqual(
      expect.arrayContaining(['run', '--rm', '--network=host', '--name=one', '--label=posthorn.rehearsal=1']),
    );
  });

  it('has what taskdef.json says of its root, its user, its init and its rights', () => {
    expect(argsOf()).toEqual(expect.arrayContaining(['--read-only', '--user=node', '--init', '--cap-drop=ALL']));
  });

  it('has an empty volume at each mount point of taskdef.json', () => {
    const paths = ['/tmp', '/managed-agents', '/var/lib/amazon/ssm', '/var/log/amazon/ssm'];
    const wanted = paths.map((path) => `--mount=type=volume,target=${path}`);
    expect(argsOf()).toEqual(expect.arrayContaining(wanted));
  });

  it('has the limit of the memory of its task, without swap', () => {
    expect(argsOf()).toEqual(expect.arrayContaining([`--memory=${2 * GIB}b`, `--memory-swap=${2 * GIB}b`]));
  });

  it.each([
    ['has less memory', { ...ENGINE, memoryBytes: GIB }],
    ['can not limit it', { ...ENGINE, limitsMemory: false }],
  ])('has no limit of memory where the machine %s', (_what, engine) => {
    const { args } = runCall(anOrder(), { ...BERTH, engine });
    expect(args.filter((one) => one.startsWith('--memory'))).toEqual([]);
  });

  it('rounds the stop timeout up to whole seconds', () => {
    expect(argsOf()).toContain('--stop-timeout=120');
  });

  it('names its variables, and leaves their values to the environment of the client', () => {
    const { args, env } = runCall(anOrder(), BERTH);
    expect(args).toEqual(expect.arrayContaining(['--env=JWT_SECRET', '--env=ROLES', '--env=HOST']));
    expect(args.join(' ')).not.toContain('hidden');
    expect(env).toMatchObject({ JWT_SECRET: 'hidden', HOST: '127.20.0.1' });
  });

  it('leaves PATH, HOME and the variables of the image to the image', () => {
    const names = argsOf().filter((one) => one.startsWith('--env='));
    expect(names.toSorted()).toEqual(['--env=HOST', '--env=JWT_SECRET', '--env=ROLES']);
  });

  it('has a HOME that its definition gives it, and the client keeps its own', () => {
    const { args, env } = runCall(anOrder({ environment: { HOME: '/app' } }, { HOME: '/app' }), BERTH);
    expect(args).toContain('--env=HOME=/app');
    expect(env['HOME']).toBe(process.env['HOME']);
  });

  it('leaves the program to the image where the definition has none', () => {
    expect(argsOf().at(-1)).toBe('built:1');
  });

  it('has the command of the definition after the image', () => {
    expect(argsOf({ command: ['dist/cli.js', 'migrate'] }).slice(-3)).toEqual(['built:1', 'dist/cli.js', 'migrate']);
  });

  it('has the entry point of the definition: the program before the image, its arguments after', () => {
    const settings = { ...SETTINGS, entryPoint: ['node', '--no-warnings'] };
    const args = argsOf({ settings, command: ['dist/main.js'] });
    expect(args).toContain('--entrypoint=node');
    expect(args.slice(-3)).toEqual(['built:1', '--no-warnings', 'dist/main.js']);
  });

  it('shows it the modules of the rehearsal at the same path, read-only', () => {
    expect(argsOf()).toContain('--mount=type=bind,source=/modules,target=/modules,readonly');
  });

  it('restricts nothing where nothing is said', () => {
    const args = argsOf({ settings: undefined });
    expect(args.filter((one) => /^--(read-only|init|user|cap-|memory|mount=type=volume)/.test(one))).toEqual([]);
  });
});

describe('settings of a container', () => {
  it.each([
    ['2048', 2_048],
    ['2 GB', 2_048],
    ['0.5GB', 512],
    [undefined, null],
  ])('take %s as the memory of the task', (memory, expected) => {
    expect(settingsOf({ memory, containerDefinitions: [{}] }).memoryMiB).toBe(expected);
  });

  it('take the memory of the container before that of the task', () => {
    expect(settingsOf({ memory: '2048', containerDefinitions: [{ memory: 512 }] }).memoryMiB).toBe(512);
  });
});

describe('the call that runs a program in a container', () => {
  it('names the variables that it has besides', () => {
    const { args, env } = execCall('one', ['node', 'check.mjs'], { CONTAINER_PORT: '3000' });
    expect(args).toEqual(['exec', '--env=CONTAINER_PORT', 'one', 'node', 'check.mjs']);
    expect(env['CONTAINER_PORT']).toBe('3000');
  });
});

describe('signals for a container', () => {
  let calls: string[];
  let isThere: boolean;
  const signals = () => {
    const own = calls;
    return new ContainerSignals({
      name: 'one',
      // With its test: what is repeated then is no call of the next one.
      hasEnded: () => own !== calls,
      docker: async (args) => (own.push(args.join(' ')), isThere),
    });
  };
  beforeEach(() => {
    calls = [];
    isThere = true;
  });

  it('are repeated until the container is there', async () => {
    isThere = false;
    signals().send('SIGTERM');
    await until(() => calls.length === 2, 1_000, 'a repetition');
    isThere = true;

    expect(calls).toEqual(['kill --signal=SIGTERM one', 'kill --signal=SIGTERM one']);
  });

  it('wait while it is frozen, and come when it is thawed', async () => {
    const frozen = signals();
    for (const signal of ['SIGSTOP', 'SIGTERM', 'SIGCONT'] as const) frozen.send(signal);
    await until(() => calls.length === 3, 1_000, 'all of them');

    expect(calls).toEqual(['pause one', 'unpause one', 'kill --signal=SIGTERM one']);
  });

  it('kill it while it is frozen', async () => {
    const frozen = signals();
    for (const signal of ['SIGSTOP', 'SIGTERM', 'SIGKILL'] as const) frozen.send(signal);
    await until(() => calls.length === 2, 1_000, 'both');

    expect(calls).toEqual(['pause one', 'kill --signal=SIGKILL one']);
  });
});

describe('containers', () => {
  const { PATH } = process.env;
  let folder: string;
  let containers: Containers;
  const at = (file: string) => join(folder, file);
  const calls = () => (existsSync(at('calls')) ? readFileSync(at('calls'), 'utf8').split('\n').filter(Boolean) : []);

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'posthorn-docker-'));
    writeFileSync(at('docker'), clientIn(folder));
    chmodSync(at('docker'), 0o755);
    process.env['PATH'] = `${folder}:${PATH}`;
    containers = new Containers(ENGINE);
  });
  afterEach(async () => {
    containers.killNow();
    process.env['PATH'] = PATH;
    await until(() => containers.count === 0, 2_000, 'the end of the clients');
    rmSync(folder, { recursive: true, force: true });
  });

  const start = (changes: Partial<ContainerOrder> = {}): OwnProcess =>
    containers.start({ ...anOrder(), cwd: folder, ...changes });

  it('hand over the lines of the client, and end with its exit code', async () => {
    const lines: string[] = [];
    const container = start({ onLine: (line, stream) => lines.push(`${stream}: ${line}`) });
    container.signal('SIGTERM');
    const exit = await container.exited;

    expect(lines).toEqual(['stdout: hidden', 'stderr: it ends']);
    expect(exit).toEqual({ code: 143, signal: null });
    expect(container.exit()).toEqual(exit);
  });

  it('run a check with what its environment has besides', async () => {
    const container = start();
    const order = anOrder();
    const check = container.beside({ ...order, command: ['check'], env: { ...order.env, CONTAINER_PORT: '3000' } });

    expect(await check.exited).toEqual({ code: 0, signal: null });
    expect(calls().find((one) => one.startsWith('exec'))).toMatch(/^exec --env=CONTAINER_PORT posthorn-rehearsal-\w+ check$/);
  });

  it('are removed by their label when they are to end at once', async () => {
    start();
    await until(() => calls().length === 1, 2_000, 'the client to be called');
    const [, label] = /--label=(\S+)/.exec(calls()[0]!)!;
    containers.killNow();
    await until(() => calls().includes('rm --force --volumes 0a1b'), 2_000, 'the removal');

    expect(calls()).toContain(`ps --all --quiet --filter label=${label}`);
  });

  it('are not looked for after the last one has ended', async () => {
    const container = start();
    container.signal('SIGKILL');
    await container.exited;
    const next = start();
    next.signal('SIGKILL');
    await next.exited;

    expect(calls().filter((one) => one.startsWith('ps'))).toEqual([]);
  });
});

/** Stands in for Docker's client: a container runs until it gets a signal, and says what its secret is. */
function clientIn(folder: string): string {
  return `#!/bin/sh
cd '${folder}'
echo "$*" >> calls
case $1 in
  run)
    echo "$JWT_SECRET"
    : > running
    while [ -e running ]; do sleep 0.02; done
    echo 'it ends' >&2
    exit 143 ;;
  kill) rm running ;;
  ps) echo 0a1b ;;
esac
`;
}
