import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const HOST = '127.0.0.1';
const MINUTE_MS = 60_000;
/** The endpoint that recovers is down at the beginning of each period. */
const PERIOD_MS = 15 * MINUTE_MS;
const DOWN_MS = 3 * MINUTE_MS;
/** The limited endpoint takes one request in this time. */
const LIMIT_MS = 900;

type Answer = [status: number, body: string, headers?: Record<string, string>];

/** How long an endpoint takes, and what it answers; null for nothing at all. `at`: ms since the receiver started. */
const BEHAVIOURS = {
  good: async () => answerAfter(between(15, 80), [200, '{"received":true}']),
  flaky: async () =>
    answerAfter(between(20, 120), Math.random() < 1 / 3 ? [500, 'upstream connect error'] : [200, '{"stored":true}']),
  error: async () => answerAfter(between(30, 90), [500, '{"error":"relation \\"ledger\\" does not exist"}']),
  silent: async () => null,
  gone: async () => answerAfter(10, [410, 'This importer was switched off.']),
  slow: async () => answerAfter(between(2_000, 4_000), [200, '{"queued":true}']),
  limited: async (_at: number, sinceLast: number) =>
    sinceLast < LIMIT_MS ? ([429, 'Too many requests', { 'retry-after': '5' }] as Answer) : ([200, '{"ok":true}'] as Answer),
  recovering: async (at: number) =>
    at % PERIOD_MS < DOWN_MS ? ([503, 'Down for maintenance'] as Answer) : answerAfter(between(20, 60), [200, '{"ok":true}']),
} satisfies Record<string, (at: number, sinceLast: number) => Promise<Answer | null>>;

/** How the receiver answers a path. */
export type Behaviour = keyof typeof BEHAVIOURS;

/** The receiver of the demo: `/demo/<behaviour>` answers in that way. It keeps nothing. */
export class DemoReceiver {
  private readonly startedAt = performance.now();
  private readonly lastAt = new Map<string, number>();

  private constructor(private readonly server: Server) {
    server.on('request', (request, response) => void this.answer(request, response).catch(() => response.destroy()));
  }

  /** Listens on this port of loopback, or on any other one if it is taken. */
  static async start(port: number): Promise<DemoReceiver> {
    const server = await listening(port).catch(() => listening(0));
    return new DemoReceiver(server);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  urlOf(behaviour: Behaviour | 'refused'): string {
    // The port 9 (discard) has no server on any usual machine.
    return behaviour === 'refused' ? `http://${HOST}:9/demo/refused` : `http://${HOST}:${this.port}/demo/${behaviour}`;
  }

  async stop(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    request.resume();
    const name = request.url?.replace('/demo/', '') ?? '';
    const now = performance.now();
    const sinceLast = now - (this.lastAt.get(name) ?? -Infinity);
    this.lastAt.set(name, now);
    const answer = Object.hasOwn(BEHAVIOURS, name)
      ? await BEHAVIOURS[name as Behaviour](now - this.startedAt, sinceLast)
      : ([404, 'Not found'] as Answer);
    if (answer === null) return;
    const [status, body, headers] = answer;
    response
      .writeHead(status, { 'content-type': body.startsWith('{') ? 'application/json' : 'text/plain', ...headers })
      .end(body);
  }
}

async function listening(port: number): Promise<Server> {
  const server = createServer().listen(port, HOST);
  await once(server, 'listening');
  return server;
}

async function answerAfter(ms: number, answer: Answer): Promise<Answer> {
  await sleep(ms, undefined, { ref: false });
  return answer;
}

function between(min: number, max: number): number {
  return min + Math.random() * (max - min);
}
