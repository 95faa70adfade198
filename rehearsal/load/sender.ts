import { randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';
import type { Socket } from 'node:net';
import { SlowUploads } from './slow-uploads.js';

/** No answer of the service takes so long: it answers within 5 s (docs/adr/0081-answers-in-time.md), and the load balancer gives up after 60 s. */
const ANSWER_LIMIT_MS = 30_000;
const TURN_MS = 5;

export interface Sending {
  /** Of the production listener. */
  url: string;
  token: string;
  appId: string;
  perSecond: number;
  /** Keep-alive connections; a request that finds none free waits for one. */
  connections: number;
  /** Clients beside that take `uploadMs` for the body of each message. */
  slow: { clients: number; uploadMs: number };
}

/** One try; there are no repeats, because a repeat would hide a failure. */
export interface Try {
  /** Epoch ms at which it was due. */
  at: number;
  /** From the moment when it was due to the end of the answer. */
  ms: number;
  /** HTTP status, or the code of the error of the connection. */
  outcome: string;
  /** Of an answer 503. */
  hasRetryAfter: boolean;
}

/** Sends messages at a fixed rate, whatever becomes of those under way. Each has a number of its own, which the receiver finds in it. */
export class Sender {
  readonly tries: Try[] = [];
  /** Number of each message that was answered 202 → epoch ms at which it was due. */
  readonly accepted = new Map<number, number>();
  private readonly agent: Agent;
  private readonly plan: Sending;
  private readonly slow: SlowUploads;
  private readonly sockets = new WeakSet<Socket>();
  private connected = 0;
  private timer: NodeJS.Timeout | undefined;
  private number = 0;
  private steady = 0;
  private under = 0;
  private startedAt = 0;

  constructor(plan: Sending) {
    this.plan = { ...plan };
    this.agent = new Agent({ keepAlive: true, maxSockets: plan.connections, scheduling: 'fifo' });
    this.slow = new SlowUploads(this.plan);
  }

  /** How many connections were opened by the clients at the fixed rate. */
  get connects(): number {
    return this.connected;
  }

  /** From now on. */
  set token(token: string) {
    this.plan.token = token;
  }

  start(): void {
    this.startedAt = performance.now();
    this.timer = setInterval(() => this.turn(), TURN_MS);
    const next = () => ++this.number;
    this.slow.start(next, (number, outcome) => outcome === '202' && this.accepted.set(number, Date.now()));
  }

  /** So many messages at once, beside the rate. */
  burst(count: number): void {
    for (let nth = 0; nth < count; nth++) this.send(++this.number);
  }

  /** Sends no more, and resolves when nothing is under way. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.slow.stop();
    while (this.under > 0) await new Promise((again) => setTimeout(again, TURN_MS));
    this.agent.destroy();
    this.tries.push(...this.slow.tries);
  }

  private turn(): void {
    const due = Math.floor(((performance.now() - this.startedAt) * this.plan.perSecond) / 1000);
    for (; this.steady < due; this.steady++) this.send(++this.number);
  }

  private send(number: number): void {
    const { url, token, appId } = this.plan;
    const body = JSON.stringify({ eventType: 'order.paid', payload: { number, text: 'x'.repeat(200) } });
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'idempotency-key': `auto_${randomUUID()}`,
    };
    const [due, at] = [performance.now(), Date.now()];
    this.under++;
    const ended = (outcome: string, hasRetryAfter = false) => {
      this.under--;
      this.tries.push({ at, ms: performance.now() - due, outcome, hasRetryAfter });
      if (outcome === '202') this.accepted.set(number, at);
    };
    const sent = request(`${url}/api/v1/app/${appId}/msg?with_content=false`, {
      method: 'POST',
      agent: this.agent,
      headers,
      signal: AbortSignal.timeout(ANSWER_LIMIT_MS),
    });
    sent.once('socket', (socket) => this.count(socket));
    sent.once('response', (answer) => {
      answer.resume();
      answer.once('end', () => ended(String(answer.statusCode), answer.headers['retry-after'] !== undefined));
      answer.once('error', (error: NodeJS.ErrnoException) => ended(error.code ?? error.name));
    });
    sent.once('error', (error: NodeJS.ErrnoException) => ended(error.code ?? error.name));
    sent.end(body);
  }

  private count(socket: Socket): void {
    if (this.sockets.has(socket)) return;
    this.sockets.add(socket);
    this.connected++;
  }
}
