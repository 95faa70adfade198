// A load generator that costs little, a process of its own: plain sockets, prepared requests, and the repeats of the official clients.
import { randomUUID } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { now } from './clock.js';
import { serve } from './remote.js';

const FIRST_REPEAT_MS = 50;
const CONNECT_LIMIT_MS = 5_000;
const ANSWER_LIMIT_MS = 30_000;
/** After the last new request, for what is under way. What has no answer then has failed. */
const END_LIMIT_MS = 40_000;
const HEAD_END = Buffer.from('\r\n\r\n');

export interface Pressure {
  /** Taken in turn, each with its own connections: host:port. */
  servers: string[];
  token: string;
  /** Taken in turn. */
  paths: string[];
  body: string;
  seconds: number;
  /** Most connections. What finds none waits for one. */
  connections: number;
  /** The official clients repeat an answer of 500 and above, and a failed connection, twice: after 50 ms and after 100 ms. */
  repeats: number;
  /** Tries a second, the repeats among them, whatever becomes of those under way; null for as many as the connections bring, one after the other. */
  rate: number | null;
  /** The rate is that of the new requests, and the repeats come on top of it. */
  repeatsOnTop: boolean;
}

/** Latencies are those of single tries, in ms, from the moment at which each was due: the wait for a connection counts. */
export interface Pressed {
  offered: number;
  tries: number;
  accepted: number;
  acceptedMs: Float64Array;
  refusedMs: Float64Array;
  /** From the first try to the last answer, repeats included. */
  wholeMs: Float64Array;
  /** Requests without a 202 after all repeats. */
  failed: number;
  /** By status or code: answers that are neither 202 nor 503 with Retry-After, failed connects and lost connections. */
  others: Record<string, number>;
  startedAt: number;
  endedAt: number;
}

interface Call {
  since: number;
  /** When this try was due. */
  triedAt: number;
  tries: number;
  done: () => void;
}

interface Line {
  socket: Socket;
  server: string;
  call: Call | null;
  rest: Buffer | null;
}

class Presser {
  private readonly idle: Line[] = [];
  private readonly waiting: Call[] = [];
  private readonly lines = new Set<Line>();
  private readonly startedAt = now();
  private readonly accepted: number[] = [];
  private readonly refused: number[] = [];
  private readonly whole: number[] = [];
  private readonly others: Record<string, number> = {};
  private readonly plan: Pressure;
  private readonly heads: string[];
  private opened = 0;
  private tries = 0;
  private failed = 0;
  offered = 0;
  /** Tries that were due so far, the repeats among them. */
  due = 0;

  constructor(plan: Pressure) {
    this.plan = plan;
    this.heads = plan.paths.map(
      (path) =>
        `POST ${path} HTTP/1.1\r\nhost: posthorn\r\nauthorization: Bearer ${plan.token}\r\naccept: application/json\r\n` +
        `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(plan.body)}\r\nidempotency-key: auto_`,
    );
  }

  start(done: () => void): void {
    this.offered++;
    this.try({ since: now(), triedAt: 0, tries: 0, done });
  }

  end(): Pressed {
    const endedAt = now();
    for (const { socket } of this.lines) socket.destroy();
    return {
      offered: this.offered,
      tries: this.tries,
      accepted: this.accepted.length,
      acceptedMs: Float64Array.from(this.accepted),
      refusedMs: Float64Array.from(this.refused),
      wholeMs: Float64Array.from(this.whole),
      failed: this.failed,
      others: this.others,
      startedAt: this.startedAt,
      endedAt,
    };
  }

  private try(call: Call): void {
    this.due++;
    call.triedAt = now();
    const line = this.idle.pop();
    if (line) this.send(line, call);
    else {
      this.waiting.push(call);
      if (this.lines.size < this.plan.connections) this.open();
    }
  }

  private open(): void {
    const server = this.plan.servers[this.opened++ % this.plan.servers.length]!;
    const [host, port] = server.split(':') as [string, string];
    const socket = connect({ host, port: Number(port), noDelay: true });
    const line: Line = { socket, server, call: null, rest: null };
    this.lines.add(line);
    let connected = false;
    socket.setTimeout(CONNECT_LIMIT_MS, () =>
      socket.destroy(Object.assign(new Error('late'), { code: connected ? 'no answer' : 'connect' })),
    );
    socket.once('connect', () => {
      connected = true;
      socket.setTimeout(ANSWER_LIMIT_MS);
      this.free(line);
    });
    socket.on('data', (chunk: Buffer) => this.read(line, chunk));
    socket.on('error', (error: Error & { code?: string }) => {
      this.note(connected ? (error.code ?? 'lost') : 'connect');
      // Whoever waited for this connection has failed to connect.
      if (!connected && !line.call) line.call = this.waiting.shift() ?? null;
    });
    socket.once('close', () => {
      this.lines.delete(line);
      const at = this.idle.indexOf(line);
      if (at !== -1) this.idle.splice(at, 1);
      if (line.call) this.again(line.call);
      else if (this.waiting.length > 0 && this.lines.size < this.plan.connections) this.open();
    });
  }

  private send(line: Line, call: Call): void {
    line.call = call;
    const head = this.heads[this.tries++ % this.heads.length]!;
    line.socket.write(`${head}${randomUUID()}\r\n\r\n${this.plan.body}`, 'latin1');
  }

  private read(line: Line, chunk: Buffer): void {
    const data = line.rest ? Buffer.concat([line.rest, chunk]) : chunk;
    const headEnd = data.indexOf(HEAD_END);
    const answer = headEnd === -1 ? '' : data.toString('latin1', 0, headEnd);
    const length = /content-length: (\d+)/i.exec(answer)?.[1];
    if (headEnd === -1 || length === undefined || data.length < headEnd + 4 + Number(length)) {
      line.rest = data;
      return;
    }
    line.rest = null;
    const status = answer.slice(9, 12);
    const { call } = line;
    if (!call) return;
    const at = now();
    if (status.startsWith('2')) {
      this.accepted.push(at - call.triedAt);
      this.whole.push(at - call.since);
    } else if (status === '503' && /\r\nretry-after: \d/i.test(answer)) this.refused.push(at - call.triedAt);
    else this.note(status);
    line.call = null;
    if (status.startsWith('2')) call.done();
    else this.again(call);
    this.free(line);
  }

  private again(call: Call): void {
    if (call.tries < this.plan.repeats) setTimeout(() => this.try(call), FIRST_REPEAT_MS * 2 ** call.tries++);
    else {
      this.failed++;
      call.done();
    }
  }

  private free(line: Line): void {
    const next = this.waiting.shift();
    if (next) this.send(line, next);
    else this.idle.push(line);
  }

  /** Counts what is still under way as failed. */
  abandon(calls: number): void {
    this.failed += calls;
    this.others['no answer'] = (this.others['no answer'] ?? 0) + calls;
  }

  private note(what: string): void {
    this.others[what] = (this.others[what] ?? 0) + 1;
  }
}

serve({
  press: (plan: Pressure) => (plan.rate === null ? closed(plan) : open(plan, plan.rate)),
  warm: () => true,
});

function closed(plan: Pressure): Promise<Pressed> {
  const presser = new Presser(plan);
  const end = now() + plan.seconds * 1000;
  let running = plan.connections;
  return new Promise((done) => {
    const limit = setTimeout(() => finish(running), plan.seconds * 1000 + END_LIMIT_MS);
    const finish = (missing: number) => {
      clearTimeout(limit);
      if (missing > 0) presser.abandon(missing);
      done(presser.end());
    };
    const next = () => {
      if (now() < end) presser.start(next);
      else if (--running === 0) finish(0);
    };
    for (let lane = 0; lane < plan.connections; lane++) next();
  });
}

function open(plan: Pressure, rate: number): Promise<Pressed> {
  const presser = new Presser(plan);
  const start = now();
  let under = 0;
  return new Promise((done) => {
    const limit = setTimeout(() => finish(), plan.seconds * 1000 + END_LIMIT_MS);
    const finish = () => {
      clearTimeout(limit);
      if (under > 0) presser.abandon(under);
      done(presser.end());
    };
    const isOver = () => now() - start >= plan.seconds * 1000;
    const answered = () => {
      if (--under === 0 && isOver()) finish();
    };
    const turn = () => {
      const due = Math.floor((Math.min(plan.seconds * 1000, now() - start) * rate) / 1000);
      while ((plan.repeatsOnTop ? presser.offered : presser.due) < due) {
        under++;
        presser.start(answered);
      }
      if (!isOver()) setTimeout(turn, 2);
      else if (under === 0) finish();
    };
    turn();
  });
}
