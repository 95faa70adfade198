import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const HOST = '127.0.0.1';
const MINUTE_MS = 60_000;
/** The endpoint that recovers is down at the beginning of each period. */
const PERIOD_MS = 15 * MINUTE_MS;
const DOWN_MS = 3 * MINUTE_MS;
/** The limited endpoint takes so many requests in any time of this length. */
const LIMIT_MS = 2_000;
const LIMIT = 4;

type Answer = [status: number, body: string, headers?: Record<string, string>];

/** A request that has come to an endpoint. */
interface Call {
  /** Ms since the receiver started. */
  at: number;
  /** It is the first one for its message, and that is the third, sixth, … message. */
  isThird: boolean;
  /** Requests before it that are not older than LIMIT_MS. */
  recent: number;
}

/** How long an endpoint takes, and what it answers; null for nothing at all. */
const BEHAVIOURS = {
  good: async () => answerAfter(between(15, 80), [200, '{"received":true}']),
  flaky: async ({ isThird }) =>
    answerAfter(between(20, 120), isThird ? [500, 'upstream connect error'] : [200, '{"stored":true}']),
  error: async () => answerAfter(between(30, 90), [500, '{"error":"relation \\"ledger\\" does not exist"}']),
  silent: async () => null,
  gone: async () => answerAfter(10, [410, 'This importer was switched off.']),
  slow: async () => answerAfter(between(2_000, 4_000), [200, '{"queued":true}']),
  limited: async ({ recent }) => (recent < LIMIT ? [200, '{"ok":true}'] : [429, 'Too many requests', { 'retry-after': '5' }]),
  recovering: async ({ at }) =>
    at % PERIOD_MS < DOWN_MS ? [503, 'Down for maintenance'] : answerAfter(between(20, 60), [200, '{"ok":true}']),
} satisfies Record<string, (call: Call) => Promise<Answer | null>>;

/** How the receiver answers a path. */
export type Behaviour = keyof typeof BEHAVIOURS;

/** What is known of the requests to a path. */
interface Path {
  /** When the recent ones came, ms. */
  times: number[];
  messages: number;
  /** Ids of messages that failed, and will be repeated. */
  failed: Set<string>;
}

/** The receiver of the demo: `/demo/<behaviour>` answers in that way. It keeps nothing that was sent. */
export class DemoReceiver {
  private readonly startedAt = performance.now();
  private readonly paths = new Map<string, Path>();
  /** Connections with a request that never gets an answer. */
  private readonly silent = new Set<Socket>();

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

  /** Ends the requests that get no answer. Others are answered until the process ends, which this server does not hold. */
  letGo(): void {
    for (const socket of this.silent) socket.destroy();
    this.server.unref();
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
    const answer = Object.hasOwn(BEHAVIOURS, name)
      ? await BEHAVIOURS[name as Behaviour](this.callOf(name, String(request.headers['webhook-id'])))
      : ([404, 'Not found'] as Answer);
    if (answer === null) return this.keepSilent(request.socket);
    const [status, body, headers] = answer;
    response
      .writeHead(status, { 'content-type': body.startsWith('{') ? 'application/json' : 'text/plain', ...headers })
      .end(body);
  }

  private callOf(name: string, message: string): Call {
    const at = performance.now() - this.startedAt;
    const path = this.paths.get(name) ?? { times: [], messages: 0, failed: new Set() };
    this.paths.set(name, path);
    const recent = path.times.filter((time) => at - time < LIMIT_MS);
    path.times = [...recent, at];
    const isThird = !path.failed.delete(message) && ++path.messages % 3 === 0;
    if (isThird) path.failed.add(message);
    return { at, isThird, recent: recent.length };
  }

  private keepSilent(socket: Socket): void {
    this.silent.add(socket);
    socket.once('close', () => this.silent.delete(socket));
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
