import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import mysql from 'mysql2/promise';
import { freePort } from '../../test/support/services.js';
import { claimsFor, randomOrgId, signToken } from '../../test/support/tokens.js';
import { now } from '../load/clock.js';
import { startProgram, type Program } from '../parts/program.js';
import type { Stack } from '../parts/stack.js';

const AT_ONCE = 48;

export interface InstallationOptions {
  /** Folder with main.js. */
  dist: string;
  handoff: string;
}

/** An organisation and what it may do. */
export class Customer {
  private readonly url: string;
  private readonly token: string;

  constructor(url: string, secret: string) {
    this.url = url;
    this.token = signToken(secret, claimsFor({ sub: randomOrgId() }));
  }

  /** An application with so many endpoints. Returns the application's id. */
  async applicationTo(url: string, endpoints = 1): Promise<string> {
    const { id } = await this.post('/app', { name: 'fairness' });
    for (let n = 0; n < endpoints; n++) await this.post(`/app/${id}/endpoint`, { url });
    return id;
  }

  /** Returns the message's id. */
  async send(appId: string): Promise<string> {
    return (await this.post(`/app/${appId}/msg`, { eventType: 'order.paid', payload: { n: 1 } })).id;
  }

  /** So many messages to each of the applications in turn, 48 at a time. */
  async flood(appIds: readonly string[], each: number): Promise<void> {
    let next = 0;
    const sender = async () => {
      for (let n = next++; n < appIds.length * each; n = next++) await this.send(appIds[n % appIds.length]!);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, sender));
  }

  private async post(path: string, body: unknown): Promise<{ id: string }> {
    const answer = await fetch(`${this.url}/api/v1${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as { id: string };
  }
}

/** One process of the service with a database and queues of its own, which can be stopped and started again. */
export class Installation {
  readonly url: string;
  private readonly stack: Stack;
  private readonly options: InstallationOptions;
  private readonly port: number;
  private readonly env: Record<string, string>;
  private readonly secret = randomBytes(32).toString('hex');
  private program: Program | null = null;

  private constructor(stack: Stack, options: InstallationOptions, port: number, env: Record<string, string>) {
    this.stack = stack;
    this.options = options;
    this.port = port;
    this.env = env;
    this.url = `http://127.0.0.1:${port}`;
  }

  static async create(stack: Stack, options: InstallationOptions): Promise<Installation> {
    const name = `fairness_${randomBytes(4).toString('hex')}`;
    return new Installation(stack, options, await freePort(), await stack.environment(name));
  }

  /** Starts a process; with both roles and its usual settings, if nothing else is given. */
  async start(more: Record<string, string> = {}): Promise<void> {
    this.program = await startProgram({
      args: ['--max-semi-space-size=8', join(resolve(this.options.dist), 'main.js')],
      env: {
        ...this.env,
        NODE_ENV: 'production',
        PUBLIC_URL: 'http://localhost:3000',
        MIGRATE_ON_START: 'true',
        ALLOWED_SUBNETS: '127.0.0.0/8',
        JWT_SECRET: this.secret,
        ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
        HANDOFF: this.options.handoff,
        HOST: '127.0.0.1',
        PORT: String(this.port),
        METRICS_PORT: '0',
        DRAIN_SECONDS: '0',
        ...more,
      },
      port: this.port,
      logFile: join(this.stack.folder, `fairness-${this.port}.log`),
    });
  }

  async stop(): Promise<void> {
    const { pid } = this.program!;
    const stopped = this.program!.stop();
    // What it has under way hangs: nobody waits for that.
    process.kill(pid, 'SIGKILL');
    await stopped;
    this.program = null;
  }

  customer(): Customer {
    return new Customer(this.url, this.secret);
  }

  /** Queues of its own for the next process: what stands in the present ones is lost. */
  async otherQueues(): Promise<Record<string, string>> {
    const all = await this.stack.environment(`fairness_${randomBytes(4).toString('hex')}`);
    return Object.fromEntries(Object.entries(all).filter(([name]) => name.startsWith('SQS_')));
  }

  /** Makes everything that waits come due, in the order in which it came. */
  async makeDue(): Promise<void> {
    const connection = await mysql.createConnection({ uri: this.env['DATABASE_URL'] });
    await connection
      .query('UPDATE delivery SET due_at = due_at - INTERVAL 120 SECOND WHERE due_at IS NOT NULL')
      .finally(() => connection.destroy());
  }
}

/** Endpoints below one address: `/hangs` never answers, any other answers at once, and when its messages came is kept. */
export class Endpoints {
  /** Of each message, when it came for the first time. */
  readonly arrivals = new Map<string, number>();
  private readonly server: Server;

  constructor() {
    this.server = createServer((request, response) => {
      request.resume();
      if (request.url === '/hangs') return;
      const id = String(request.headers['webhook-id']);
      if (!this.arrivals.has(id)) this.arrivals.set(id, now());
      response.end();
    });
  }

  /** Returns its address. */
  async open(): Promise<string> {
    await new Promise<void>((done) => this.server.listen(0, '127.0.0.1', 4_096, done));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}
