import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { INestApplication } from '@nestjs/common';
import { Svix } from 'svix';
import { Svix as Svix1 } from 'svix-1';
import { loadConfig } from '../../src/config/config.js';
import { localSecrets } from '../../src/config/local-secrets.js';
import type { Variables } from '../../src/config/variables.js';
import { createApp } from '../../src/http-server.js';
import { createLog } from '../../src/observability/log.js';
import { apiAt, type Api } from './api.js';
import { envBeside, startBeside, type Beside } from './beside.js';
import { removeLeftovers } from './leftovers.js';
import { ownParts, type Parts } from './parts.js';
import { isReady } from './process.js';
import { claimsFor, randomOrgId, signingSecret, signToken } from './tokens.js';
import { until } from './until.js';

const READY_MS = 15_000;

export type Overrides = Partial<Record<keyof Variables, string>>;

/** Changes something in the module graph before it comes alive. */
export type Prepare = (nest: INestApplication) => void;

/** The whole service in this process, and what a test talks to. Beside the build before (npm run test:versions) the two share the work. */
export interface TestApp {
  url: string;
  /** Of the organisation that this application was started for; no other test has it. */
  token: string;
  orgId: string;
  tokenFor(orgId: string): string;
  appTokenFor(appId: string, orgId?: string): string;
  /** The token of an operator of the whole installation. */
  operatorToken(): string;
  /** What it was started with: enough to start a second process on the same parts. */
  env: Record<string, string>;
  /** The log so far, one JSON text a line; of both builds, where there are two. */
  log: string[];
  /** The API, without its prefix /api/v1 and with the token. */
  api: Api;
  as(token: string): Api;
  /** Paths from the root and no token: health, documents, pages. */
  root: Api;
  svix(token?: string): Svix;
  svix1(token?: string): Svix1;
  nest: INestApplication;
  stop(): Promise<void>;
}

/**
 * Starts the real module graph on loopback and waits until it is ready. On embedded parts or, in the services suite, on a
 * database and queues of its own; an override of '' takes a part away, so that the embedded one serves.
 */
export async function startApp(overrides: Overrides = {}, prepare: Prepare = () => {}): Promise<TestApp> {
  const running = process.env['TEST_BASE_URL'];
  if (running) return runningApp(running, overrides);
  const dataDir = await mkdtemp(join(tmpdir(), 'posthorn-test-'));
  const parts = await ownParts();
  const env: Record<string, string> = {
    HOST: '127.0.0.1',
    PORT: '0',
    DATA_DIR: dataDir,
    JWT_SECRET: randomBytes(32).toString('base64url'),
    ENCRYPTION_KEY: randomBytes(32).toString('base64'),
    ALLOWED_SUBNETS: '127.0.0.0/8',
    LOG_LEVEL: 'info',
    DRAIN_SECONDS: '0',
    METRICS_PORT: '0',
    ...parts.env,
    ...overrides,
  };
  try {
    return await start(env, parts, prepare);
  } catch (error) {
    await remove(env, parts);
    throw error;
  }
}

async function start(env: Record<string, string>, parts: Parts, prepare: Prepare): Promise<TestApp> {
  // The AWS SDK reads its own variables from the environment of the process.
  for (const [name, value] of Object.entries(env)) if (name.startsWith('AWS_')) process.env[name] = value;
  const log: string[] = [];
  const config = loadConfig(envBeside(env), localSecrets);
  const nest = await createApp(
    config,
    createLog(config.log.level, { write: (line) => log.push(line.trimEnd()) }, config.serviceName),
  );
  let url: string;
  let beside: Beside;
  try {
    prepare(nest);
    await nest.listen(0, '127.0.0.1');
    const { port } = nest.getHttpServer().address() as { port: number };
    url = `http://127.0.0.1:${port}`;
    await until(() => isReady(url), READY_MS, 'the application to be ready');
    beside = await startBeside(env, url, log);
  } catch (error) {
    await nest.close();
    throw new Error(`${(error as Error).message}\n${log.slice(-20).join('\n')}`, { cause: error });
  }

  let stopped: Promise<void> | undefined;
  const end = async () => {
    try {
      await Promise.all([nest.close(), beside.stop()]);
    } finally {
      await remove(env, parts);
    }
  };
  return {
    ...clientsOf(beside.next, env['JWT_SECRET']!),
    env,
    log,
    nest,
    stop: () => (stopped ??= end()),
  };
}

/** An installation that runs elsewhere (TEST_BASE_URL, TEST_JWT_SECRET): for files that need nothing but its address and tokens. */
async function runningApp(url: string, overrides: Overrides): Promise<TestApp> {
  if (Object.keys(overrides).length > 0)
    throw new Error('A file that needs settings of its own can not run on a running installation.');
  const secret = signingSecret(process.env['TEST_JWT_SECRET']!);
  const clients = clientsOf(() => url, secret);
  const inside = { env: { JWT_SECRET: secret }, log: [], nest: undefined as never };
  return { ...clients, ...inside, stop: () => removeLeftovers((orgId) => clients.as(clients.tokenFor(orgId))) };
}

function clientsOf(next: () => string, secret: string): Omit<TestApp, 'env' | 'log' | 'nest' | 'stop'> {
  const orgId = randomOrgId();
  const tokenFor = (org: string) => signToken(secret, claimsFor({ sub: org }));
  const token = tokenFor(orgId);
  const as = (other: string) => apiAt(() => `${next()}/api/v1`, other);
  return {
    url: next(),
    token,
    orgId,
    tokenFor,
    operatorToken: () => signToken(secret, { ...claimsFor({ sub: 'operator' }), operator: true }),
    appTokenFor: (appId, org = orgId) => signToken(secret, claimsFor({ sub: appId, org })),
    api: as(token),
    as,
    root: apiAt(next),
    svix: (other = token) => new Svix(other, { serverUrl: next() }),
    svix1: (other = token) => new Svix1(other, { serverUrl: next() }),
  };
}

async function remove(env: Record<string, string>, parts: Parts): Promise<void> {
  await parts.remove();
  await rm(env['DATA_DIR']!, { recursive: true, force: true });
}
