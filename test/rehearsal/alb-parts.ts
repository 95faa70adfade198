import { once } from 'node:events';
import { createServer, request as sendRequest, type IncomingMessage, type RequestListener, type RequestOptions } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { LoadBalancer } from '../../rehearsal/alb/load-balancer.js';
import type { GivenSettings } from '../../rehearsal/alb/settings.js';
import { TargetGroup } from '../../rehearsal/alb/target-group.js';
import type { Clock, Datum, Entry, Journal, Source, Target, TargetGroupSettings } from '../../rehearsal/model.js';
import { until } from '../support/until.js';

export const HEALTH_PATH = '/health/ready';
const ARN = 'arn:aws:elasticloadbalancing:eu-central-1:123456789012';
export const LOAD_BALANCER_ARN = `${ARN}:loadbalancer/app/posthorn/50dc6c495c0c9188`;

/** Time that passes so many times as fast. */
export function clockOf(factor: number): Clock {
  const began = Date.now();
  const shorter = (ms: number) => ms / factor;
  return { now: () => Date.now() - began, minutes: shorter, seconds: shorter };
}

export class Notes implements Journal {
  readonly entries: Entry[] = [];

  note(source: Source, subject: string, event: string, facts: Record<string, unknown> = {}): void {
    this.entries.push({ at: 0, source, subject, event, facts });
  }
}

export function groupSettings(name: string, other: Partial<TargetGroupSettings> = {}): TargetGroupSettings {
  return {
    name,
    arn: `${ARN}:targetgroup/${name}/73e2d6bc24d8a067`,
    healthPath: HEALTH_PATH,
    intervalMs: 10_000,
    timeoutMs: 5_000,
    healthyThreshold: 2,
    unhealthyThreshold: 3,
    matcher: '200',
    deregistrationDelayMs: 30_000,
    algorithm: 'round_robin',
    ...other,
  };
}

export interface TestTarget {
  target: Target;
  /** Requests that are not health checks. */
  seen: IncomingMessage[];
  checks: IncomingMessage[];
  connections: Set<Socket>;
  stop(): Promise<void>;
}

/** A target that passes its health check and answers other requests as told. */
export async function startTarget(handle: RequestListener, keepAliveTimeout = 75_000): Promise<TestTarget> {
  const seen: IncomingMessage[] = [];
  const checks: IncomingMessage[] = [];
  const connections = new Set<Socket>();
  const server = createServer({ keepAliveTimeout }, (request, response) => {
    if (request.url === HEALTH_PATH) {
      checks.push(request);
      response.end();
    } else {
      seen.push(request);
      handle(request, response);
    }
  });
  server.on('connection', (socket) => {
    connections.add(socket);
    socket.on('error', () => {});
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const stop = async () => {
    if (!server.listening) return;
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  };
  return { target: { id: '127.0.0.1', port, zone: 'a' }, seen, checks, connections, stop };
}

export interface Setup {
  blue: TargetGroup;
  green: TargetGroup;
  loadBalancer: LoadBalancer;
  notes: Notes;
  data: Datum[];
  stop(): Promise<void>;
}

/** A load balancer whose traffic goes to blue, with these targets in it, healthy. */
export async function startSetup(
  targets: readonly TestTarget[],
  {
    settings = {},
    factor = 1,
    group = {},
  }: { settings?: GivenSettings; factor?: number; group?: Partial<TargetGroupSettings> } = {},
): Promise<Setup> {
  const clock = clockOf(factor);
  const notes = new Notes();
  const data: Datum[] = [];
  const [blue, green] = ['blue', 'green'].map(
    (name) => new TargetGroup({ settings: groupSettings(name, group), clock, journal: notes }),
  ) as [TargetGroup, TargetGroup];
  const weights = new Map([
    [blue.settings.arn, 100],
    [green.settings.arn, 0],
  ]);
  const plan = (name: string) => ({ name, arn: `${ARN}:listener/app/posthorn/50dc6c495c0c9188/${name}`, port: 0, weights });
  const loadBalancer = new LoadBalancer({
    arn: LOAD_BALANCER_ARN,
    groups: [blue, green],
    listeners: { production: plan('production'), test: plan('test') },
    clock,
    journal: notes,
    sink: { put: (datum) => data.push(datum) },
    settings,
  });
  await loadBalancer.start();
  for (const { target } of targets) blue.register(target);
  await until(() => blue.health().every(({ state }) => state === 'healthy'), 2_000, 'healthy targets');
  const stop = async () => {
    await loadBalancer.close();
    await Promise.all(targets.map((target) => target.stop()));
  };
  return { blue, green, loadBalancer, notes, data, stop };
}

export interface Reply {
  status: number;
  headers: IncomingMessage['headers'];
  rawHeaders: string[];
  body: string;
}

/** One request, on a connection of its own unless it has an agent. */
export async function ask(url: string, options: RequestOptions & { body?: string | Buffer } = {}): Promise<Reply> {
  const { body, ...rest } = options;
  const request = sendRequest(url, { agent: false, ...rest });
  request.end(body);
  const [answer] = (await once(request, 'response')) as [IncomingMessage];
  return { status: answer.statusCode ?? 0, headers: answer.headers, rawHeaders: answer.rawHeaders, body: await textOf(answer) };
}

export async function textOf(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

/** Sum of what was published under a name, of a group or of the whole load balancer. */
export function sumOf(data: readonly Datum[], name: string, targetGroup?: string): number {
  return data
    .filter((datum) => datum.name === name && datum.dimensions.TargetGroup === targetGroup)
    .reduce((sum, { value }) => sum + value, 0);
}
