import { randomBytes } from 'node:crypto';
import { SQSClient } from '@aws-sdk/client-sqs';
import mysql from 'mysql2/promise';
import { EMULATOR_CREDENTIALS } from '../../src/queue/embedded-queue.js';
import { ownDatabase, ownQueues, type TestDatabase } from '../support/parts.js';
import { signToken } from '../support/tokens.js';
import { folderOn } from './parts/disk.js';
import type { Servers } from './parts/servers.js';
import { Slot } from './parts/slot.js';
import { startTcpProxy, type TcpProxy } from './parts/tcp-proxy.js';
import type { ExitRecord } from './records.js';
import type { Topology } from './topologies.js';

const HOUR_S = 3_600;

/** Leases are 30 s longer. Long enough that an attempt does not time out because this machine is busy. */
export const DELIVERY_TIMEOUT_S = 10;
/** Attempts end within seconds. The last number of a run's attempts is one more than these. */
export const RETRY_SCHEDULE = [1, 1, 2, 2, 3];

/** Processes that share their data. */
export interface Site {
  name: string;
  env: Record<string, string>;
  slots: Slot[];
}

/** A topology that runs, with everything that faults are made of. */
export interface World {
  topology: Topology;
  servers: Servers;
  sites: Site[];
  slots: Slot[];
  exits: ExitRecord[];
  /** Null with the embedded parts. */
  shared: Shared | null;
  /** A token of an organisation: good for ten hours, and on a process whose clock is wrong. */
  token(org: string): string;
  stop(): Promise<void>;
}

export interface Shared {
  database: TestDatabase;
  proxy: TcpProxy;
  sqs: SQSClient;
  queueUrl: string;
  /** A connection of the database's administrator, not through the proxy. */
  connect(): Promise<mysql.Connection>;
}

export async function startWorld(topology: Topology, servers: Servers): Promise<World> {
  const secret = randomBytes(32).toString('base64url');
  const base: Record<string, string> = {
    JWT_SECRET: secret,
    ENCRYPTION_KEY: randomBytes(32).toString('base64'),
    ALLOWED_SUBNETS: '127.0.0.0/8',
    LOG_LEVEL: 'warn',
    DRAIN_SECONDS: '1',
    METRICS_PORT: '0',
    DELIVERY_TIMEOUT_SECONDS: String(DELIVERY_TIMEOUT_S),
    RETRY_SCHEDULE: RETRY_SCHEDULE.join(','),
    ...topology.env,
  };
  const exits: ExitRecord[] = [];
  const name = `faults_${randomBytes(5).toString('hex')}`;
  const shared = topology.embedded ? null : await share(topology, servers, name);
  const dataDir = (site: string) => ({ DATA_DIR: folderOn(servers, `${name}_${site}`) });
  const sites: Site[] = [];
  const slotOf = (env: Record<string, string>, at: number) =>
    new Slot({ name: `process ${at + 1}`, env, exits, ...topology.processes[at] });
  if (shared) {
    const env = { ...base, ...dataDir('shared'), ...shared.env };
    sites.push({ name: 'shared', env, slots: topology.processes.map((_, at) => slotOf(env, at)) });
  } else
    for (const at of topology.processes.keys()) {
      const env = { ...base, ...dataDir(String(at)) };
      sites.push({ name: `folder ${at + 1}`, env, slots: [slotOf(env, at)] });
    }
  const slots = sites.flatMap((site) => site.slots);
  await Promise.all(slots.map((slot) => slot.start().then(() => slot.ready())));
  return {
    topology,
    servers,
    sites,
    slots,
    exits,
    shared,
    token: (org) => tokenOf(secret, org),
    async stop() {
      await Promise.all(slots.map((slot) => slot.kill()));
      shared?.sqs.destroy();
      await shared?.proxy.stop();
      await shared?.database.remove();
    },
  };
}

async function share(topology: Topology, servers: Servers, name: string): Promise<Shared & { env: Record<string, string> }> {
  const database = await ownDatabase(servers.databaseUrl, name);
  const url = new URL(database.dataUrl);
  const proxy = await startTcpProxy(Number(url.port));
  url.port = String(proxy.port);
  const queues = await ownQueues(servers.sqs.url, name);
  const connect = () => mysql.createConnection({ uri: database.adminUrl, connectTimeout: 5_000 });
  if (topology.processes.some(({ build }) => build === 'the build before')) {
    // The database of an installation that the build before has worked on: it can't read what is bound.
    const connection = await connect();
    await connection.query('DELETE FROM sealing_mode').finally(() => connection.destroy());
  }
  const sqs = new SQSClient({
    endpoint: servers.sqs.url,
    region: queues['AWS_REGION'],
    credentials: EMULATOR_CREDENTIALS,
    useQueueUrlAsEndpoint: false,
  });
  const env = { ...queues, DATABASE_URL: url.href, REDIS_URL: servers.redis.url };
  return { database, proxy, sqs, queueUrl: queues['SQS_QUEUE_URL']!, connect, env };
}

function tokenOf(secret: string, org: string): string {
  const now = Math.floor(Date.now() / 1000);
  return signToken(secret, { iat: now - HOUR_S, nbf: now - HOUR_S, exp: now + 10 * HOUR_S, iss: 'svix-server', sub: org });
}
