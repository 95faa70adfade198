import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { freePort } from '../../test/support/services.js';
import type { OwnTarget } from '../target.js';
import type { Counters } from './counters.js';
import { startProgram, type Program } from './program.js';
import { scratchFolder, type Stack } from './stack.js';

export interface PosthornOptions {
  /** Folder with main.js and cli.js. */
  dist: string;
  /** Two processes, one a role. */
  split: boolean;
  handoff: string;
  /** Environment variables as NAME=value. */
  set: string[];
  /** Arguments of node, such as --cpu-prof. */
  nodeArgs: string[];
}

/**
 * This project's service, on the parts of a stack or, without one, on its embedded parts. Not started yet. `startAnother` starts one more
 * process of it, with a port of its own.
 */
export async function posthorn(
  name: string,
  options: PosthornOptions,
  parts: { stack: Stack; counters: Counters } | null,
): Promise<{ target: OwnTarget; databaseUrl: string | undefined; startAnother: () => Promise<Program> }> {
  const dist = resolve(options.dist);
  if (!existsSync(join(dist, 'main.js'))) throw new Error(`${join(dist, 'main.js')} is missing: npm run build.`);
  const env: Record<string, string> = { ...(parts ? await realParts(parts.stack) : embeddedParts()), ...commonSettings(options) };
  const ports = { api: await freePort(), worker: await freePort() };
  const folder = parts?.stack.folder ?? scratchFolder();
  let running: { role: string; program: Program }[] = [];
  const startRole = async (role: 'service' | 'api' | 'worker', port = role === 'worker' ? ports.worker : ports.api) => {
    const roles: Record<string, string> = role === 'service' ? {} : { ROLES: role };
    const program = await startProgram({
      args: ['--max-semi-space-size=8', ...options.nodeArgs, join(dist, 'main.js')],
      env: { ...env, ...roles, PORT: String(port) },
      port,
      logFile: join(folder, `${name}-${role}.log`),
    });
    running.push({ role, program });
    return program;
  };
  const target: OwnTarget = {
    name,
    url: `http://127.0.0.1:${ports.api}`,
    token: execFileSync(process.execPath, [join(dist, 'cli.js'), 'token'], { env, encoding: 'utf8' }).trim(),
    rate: null,
    async start(only) {
      for (const role of only ? [only] : options.split ? (['api', 'worker'] as const) : (['service'] as const))
        await startRole(role);
    },
    async stop(signal) {
      await Promise.all(running.map(({ program }) => program.stop(signal)));
      running = [];
    },
    programs: () => running.map(({ program }) => program),
    pids: () => ({
      ...Object.fromEntries(
        Object.entries(Object.groupBy(running, ({ role }) => role)).map(([role, some]) => [
          role,
          some!.map(({ program }) => program.pid),
        ]),
      ),
      ...(parts && {
        database: [parts.stack.database.pid()],
        redis: [parts.stack.redis.pid()],
        queue: [parts.stack.emulator.pid],
      }),
    }),
    counters: async () => (parts ? parts.counters.read(running.map(({ program }) => program)) : {}),
  };
  return { target, databaseUrl: env['DATABASE_URL'], startAnother: async () => startRole('service', await freePort()) };
}

function commonSettings(options: PosthornOptions): Record<string, string> {
  return {
    JWT_SECRET: randomBytes(32).toString('hex'),
    ENCRYPTION_KEY: randomBytes(32).toString('base64'),
    HANDOFF: options.handoff,
    HOST: '127.0.0.1',
    METRICS_PORT: '0',
    DRAIN_SECONDS: '0',
    ...Object.fromEntries(options.set.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)])),
  };
}

/** As in production, but that the receiver's address is private and migrations run at the start. */
async function realParts(stack: Stack): Promise<Record<string, string>> {
  return {
    NODE_ENV: 'production',
    PUBLIC_URL: 'http://localhost:3000',
    MIGRATE_ON_START: 'true',
    ALLOWED_SUBNETS: '127.0.0.0/8',
    ...(await stack.environment(`posthorn_${randomBytes(4).toString('hex')}`)),
  };
}

function embeddedParts(): Record<string, string> {
  return { DATA_DIR: mkdtempSync(join(scratchFolder(), 'data-')) };
}
