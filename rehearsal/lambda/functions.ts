import type { Clock, Functions, Journal } from '../model.js';
import type { Processes } from '../ecs/processes.js';
import { Runtime, type Outcome } from './runtime.js';
import type { FunctionDefinition, FunctionPlace } from './variables.js';

/**
 * A function gets at least this much real time, or all of its time on AWS if that is less, however short a minute of the rehearsal is. The
 * release check keeps back 30 s of its time for the verdict, and has to have some left.
 */
export const LEAST_MS = 60_000;

export interface FunctionsOrder {
  definitions: readonly FunctionDefinition[];
  place: FunctionPlace;
  clock: Clock;
  journal: Journal;
  processes: Processes;
  /** Real ms instead of LEAST_MS. */
  leastMs?: number;
}

/**
 * Runs the functions as they are shipped, each invocation in a process of its own.
 * Assumption: an invocation that failed is not repeated. Lambda repeats an asynchronous one twice, a minute and two minutes later:
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
 */
export class LambdaFunctions implements Functions {
  private readonly order: FunctionsOrder;
  private readonly runtimes = new Set<Runtime>();
  private isClosed = false;

  constructor(order: FunctionsOrder) {
    this.order = order;
  }

  /** Whether there is a function of this name or ARN. */
  has(nameOrArn: string): boolean {
    return this.order.definitions.some(({ name }) => name === nameOf(nameOrArn));
  }

  /** By name or ARN. Never rejects: a function that is not there, crashes, throws or takes too long has failed. */
  async invoke(nameOrArn: string, event: object): Promise<{ failed: string | null }> {
    const { journal, clock } = this.order;
    const name = nameOf(nameOrArn);
    const startedAt = clock.now();
    journal.note('lambda', name, 'invoked', { event });
    const { failed } = await this.run(name, event);
    journal.note('lambda', name, failed === null ? 'ended' : 'failed', { failed, ms: Math.round(clock.now() - startedAt) });
    return { failed };
  }

  /** A new execution environment of a function; whoever asks for it stops it. Throws if there is no such function. */
  runtimeOf(name: string): Runtime {
    const { definitions, place, processes, journal } = this.order;
    const definition = definitions.find((one) => one.name === name);
    if (!definition) throw new Error(`ResourceNotFoundException: Function not found: ${name}`);
    if (this.isClosed) throw new Error('The rehearsal has ended');
    const onLine = (line: string) => journal.note('lambda', name, 'log', { line });
    return new Runtime({ definition, place, processes, limitMs: this.limitMs(definition), onLine });
  }

  /** Ends all that run. Their invocations fail. */
  async close(): Promise<void> {
    this.isClosed = true;
    await Promise.all([...this.runtimes].map((runtime) => runtime.stop()));
  }

  private async run(name: string, event: object): Promise<Outcome> {
    let runtime: Runtime;
    try {
      runtime = this.runtimeOf(name);
    } catch (error) {
      return { failed: (error as Error).message };
    }
    this.runtimes.add(runtime);
    const outcome = await runtime.invoke(event);
    await runtime.stop();
    this.runtimes.delete(runtime);
    return outcome;
  }

  private limitMs({ timeoutMs }: FunctionDefinition): number {
    const { clock, leastMs = LEAST_MS } = this.order;
    return Math.min(timeoutMs, Math.max(leastMs, clock.minutes(timeoutMs)));
  }
}

function nameOf(nameOrArn: string): string {
  return nameOrArn.split(':function:').at(-1)!;
}
