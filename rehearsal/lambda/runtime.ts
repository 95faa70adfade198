import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { pause } from '../ecs/pause.js';
import type { Exit, OwnProcess, Processes } from '../ecs/processes.js';
import { functionArn, functionEnvironment, type FunctionDefinition, type FunctionPlace } from './variables.js';

const BOOTSTRAP = join(import.meta.dirname, 'bootstrap.mjs');

/** What came of an invocation. */
export type Outcome = { failed: null; result: unknown } | { failed: string };

type Message =
  { kind: 'ready' } | { kind: 'result'; result: unknown } | { kind: 'error'; errorType: string; errorMessage: string };

export interface RuntimeOrder {
  definition: FunctionDefinition;
  place: FunctionPlace;
  processes: Processes;
  /** Time limit of an invocation, in real ms. */
  limitMs: number;
  onLine(line: string): void;
}

/**
 * One execution environment of a function: a process that handles one event after the other. The first event is handled when it has
 * loaded the function. After a crash or a time-out it is of no use any more.
 */
export class Runtime {
  private readonly order: RuntimeOrder;
  private readonly own: OwnProcess;
  private readonly exited: Promise<Message | Exit>;
  private isReady = false;
  private heard: ((message: Message) => void) | null = null;
  private readonly unheard: Message[] = [];

  constructor(order: RuntimeOrder) {
    this.order = order;
    const { definition, place, processes } = order;
    this.own = processes.start({
      command: ['node', BOOTSTRAP],
      cwd: place.folder,
      env: functionEnvironment(definition, place),
      onLine: (line) => order.onLine(line),
      channel: true,
    });
    this.exited = this.own.exited;
    this.own.process.on('message', (message: Message) => {
      if (this.heard) this.heard(message);
      else this.unheard.push(message);
      this.heard = null;
    });
  }

  /** Whether it can take another event. */
  get isUsable(): boolean {
    return this.own.exit() === null;
  }

  /** Never rejects. One at a time. */
  async invoke(event: unknown): Promise<Outcome> {
    const requestId = randomUUID();
    if (!this.isReady) {
      const loaded = await this.next(requestId);
      if ('failed' in loaded) return this.over(loaded);
      this.isReady = true;
    }
    const { definition, place, limitMs } = this.order;
    this.own.process.send({ event, requestId, arn: functionArn(definition, place), leftMs: limitMs }, () => {});
    const outcome = await this.next(requestId);
    if ('failed' in outcome) return outcome.isThrown ? { failed: outcome.failed } : this.over(outcome);
    return { failed: null, result: outcome.kind === 'result' ? outcome.result : null };
  }

  /** Ends it. Resolves when its last log line was handed over. */
  async stop(): Promise<void> {
    this.own.signal('SIGKILL');
    await this.exited;
  }

  private async over({ failed }: { failed: string }): Promise<Outcome> {
    await this.stop();
    return { failed };
  }

  /** The next message, or what went wrong instead, in the words of Lambda. */
  private async next(requestId: string): Promise<Exclude<Message, { kind: 'error' }> | { failed: string; isThrown: boolean }> {
    const done = new AbortController();
    const limit = pause(this.order.limitMs, done.signal).then(() => 'late' as const);
    const message = await Promise.race([this.message(), this.exited, limit]);
    done.abort();
    if (message === 'late') {
      const seconds = (this.order.definition.timeoutMs / 1_000).toFixed(2);
      return { failed: `${requestId} Task timed out after ${seconds} seconds`, isThrown: false };
    }
    if (!('kind' in message)) {
      const how = message.signal ? `signal: ${message.signal}` : `exit status ${message.code}`;
      return { failed: `Runtime.ExitError: RequestId: ${requestId} Error: Runtime exited with error: ${how}`, isThrown: false };
    }
    if (message.kind !== 'error') return message;
    return { failed: `${message.errorType}: ${message.errorMessage}`, isThrown: this.isReady };
  }

  private message(): Promise<Message> {
    const waiting = this.unheard.shift();
    if (waiting) return Promise.resolve(waiting);
    return new Promise((heard) => (this.heard = heard));
  }
}
