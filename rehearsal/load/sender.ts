import { randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';
import type { Socket } from 'node:net';
import { SlowUploads } from './slow-uploads.js';

/** No answer of the service takes so long: it answers within 5 s (docs/adr/0081-answers-in-time.md), and the load balancer gives up after 60 s. */
const ANSWER_LIMIT_MS = 30_000;
/**
 * Some requests come at a time, as they do from many clients. One by one, each would wake all processes on its way, and a scenario would take half as
 * much of the processors again.
 */
const TURN_MS = 100;
/** Each so many-th request sends a message. The others read one that was accepted, whichever task they reach: more is read than sent. */
const MESSAGE_EVERY = 4;
/** A read is of one of so many messages that were accepted last. */
const MOST_READ = 100;

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

interface Wanted {
  method: 'GET' | 'POST';
  /** Below the application. */
  path: string;
  headers: Record<string, string | number>;
  body?: string;
  isBurst?: boolean;
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
  /** One of many that came at once: how long it took says nothing of the others. */
  isBurst?: boolean;
}

/** What the service answers if all is well: to a message, and to a read. */
export function isGood(outcome: string): boolean {
  return outcome === '202' || outcome === '200';
}

/**
 * Sends requests at a fixed rate, whatever becomes of those under way: messages, and reads of messages that were accepted before. Each
 * message has a number of its own, which the receiver finds in it.
 */
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
  /** Ids of the messages that were accepted last. */
  private readonly known: string[] = [];
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
    for (let nth = 0; nth < count; nth++) this.send(++this.number, true);
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
    for (; this.steady < due; this.steady++) this.next();
  }

  private next(): void {
    const id = this.known[Math.floor(Math.random() * this.known.length)];
    if (id === undefined || this.steady % MESSAGE_EVERY === 0) return this.send(++this.number);
    this.request({ method: 'GET', path: `/msg/${id}`, headers: {} }, () => {});
  }

  private send(number: number, isBurst = false): void {
    const at = Date.now();
    const body = JSON.stringify({ eventType: 'order.paid', payload: { number, text: 'x'.repeat(200) } });
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'idempotency-key': `auto_${randomUUID()}`,
    };
    this.request({ method: 'POST', path: '/msg?with_content=false', headers, body, isBurst }, (outcome, answer) => {
      if (outcome !== '202') return;
      this.accepted.set(number, at);
      this.known.push((JSON.parse(answer) as { id: string }).id);
      if (this.known.length > MOST_READ) this.known.shift();
    });
  }

  private request({ method, path, headers, body, isBurst }: Wanted, ended: (outcome: string, answer: string) => void): void {
    const { url, token, appId } = this.plan;
    const [due, at] = [performance.now(), Date.now()];
    this.under++;
    const over = (outcome: string, answer = '', hasRetryAfter = false) => {
      this.under--;
      this.tries.push({ at, ms: performance.now() - due, outcome, hasRetryAfter, isBurst });
      ended(outcome, answer);
    };
    const sent = request(`${url}/api/v1/app/${appId}${path}`, {
      method,
      agent: this.agent,
      headers: { ...headers, authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(ANSWER_LIMIT_MS),
    });
    sent.once('socket', (socket) => this.count(socket));
    sent.once('response', (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (piece: string) => (text += piece));
      answer.once('end', () => over(String(answer.statusCode), text, answer.headers['retry-after'] !== undefined));
      answer.once('error', (error: NodeJS.ErrnoException) => over(error.code ?? error.name));
    });
    sent.once('error', (error: NodeJS.ErrnoException) => over(error.code ?? error.name));
    sent.end(body);
  }

  private count(socket: Socket): void {
    if (this.sockets.has(socket)) return;
    this.sockets.add(socket);
    this.connected++;
  }
}
