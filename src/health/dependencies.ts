import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Loop } from '../async/loop.js';
import { withTimeout } from '../async/time-limit.js';
import { SharedCache } from '../cache/shared-cache.js';
import { WriteProbe } from '../database/write-probe.js';
import { errorFields, Log } from '../observability/log.js';
import { QueueClient } from '../queue/queue-client.js';

const EVERY_MS = 3_000;
/** Until it was up for the first time: the process is not ready before that. */
const FIRST_EVERY_MS = 200;
/** While it is down, so that health is green soon after it is back. */
const DOWN_EVERY_MS = 500;
const LIMIT_MS = 1_000;

export type DependencyName = 'database' | 'cache' | 'queue';

/** The result of the last probe of a dependency. */
export interface DependencyState {
  up: boolean;
  /** Whether it was up at least once in this process. */
  everUp: boolean;
  latencyMs: number;
  /** Why it is down: code or class of the error, which contain no secrets. */
  reason: string | null;
  /** Numbers that the probe brought, such as the length of the queue. */
  facts: Record<string, number>;
}

type Probe = (signal: AbortSignal) => Promise<Record<string, number>>;

/**
 * Probes the database, the cache and the queue every three seconds, with a time limit of a second, and keeps the last results. Health
 * checks read those, so that they cost the dependencies nothing. Time during which this process stood still does not count as theirs.
 */
@Injectable()
export class Dependencies implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly states = new Map<DependencyName, DependencyState>();
  private readonly probes: Record<DependencyName, Probe>;
  private readonly loops: Loop[];

  constructor(
    database: WriteProbe,
    cache: SharedCache,
    queue: QueueClient,
    private readonly log: Log,
  ) {
    const nothing = () => ({});
    this.probes = {
      database: () => database.ask().then(nothing),
      cache: () => cache.ping().then(nothing),
      queue: async (signal) => ({ ...(await queue.probe(signal)) }),
    };
    for (const name of this.names)
      this.states.set(name, { up: false, everUp: false, latencyMs: 0, reason: 'not asked yet', facts: {} });
    this.loops = this.names.map((name) => new Loop({ turn: () => this.ask(name) }));
  }

  get names(): DependencyName[] {
    return Object.keys(this.probes) as DependencyName[];
  }

  state(name: DependencyName): DependencyState {
    return this.states.get(name)!;
  }

  onApplicationBootstrap(): void {
    for (const loop of this.loops) loop.start();
  }

  onApplicationShutdown(): void {
    for (const loop of this.loops) void loop.stop();
  }

  /** Never rejects. Answers the pause before the next probe, in ms. */
  private async ask(name: DependencyName): Promise<number> {
    const before = this.state(name);
    const startedAt = performance.now();
    const now = await answerOf(this.probes[name]);
    const latencyMs = Math.round((performance.now() - startedAt) * 10) / 10;
    const everUp = before.everUp || now.up;
    this.states.set(name, { ...now, everUp, latencyMs });
    if (now.up && !before.up) this.log.info('dependency.back', { dependency: name, latencyMs });
    if (!now.up && before.up) this.log.warn('dependency.away', { dependency: name, reason: now.reason });
    if (!everUp) return FIRST_EVERY_MS;
    return now.up ? EVERY_MS : DOWN_EVERY_MS;
  }
}

async function answerOf(probe: Probe): Promise<Pick<DependencyState, 'up' | 'reason' | 'facts'>> {
  try {
    const facts = await withTimeout(LIMIT_MS, probe, { late: () => new Error('no answer within a second') });
    return { up: true, reason: null, facts };
  } catch (error) {
    return { up: false, reason: reasonOf(error), facts: {} };
  }
}

/** Code and class of an error contain no secrets. A plain Error has neither: its message is of this service or of a client library. */
function reasonOf(error: unknown): string {
  const { errorCode } = errorFields(error);
  if (errorCode) return errorCode;
  const { name, message } = error as Error;
  return name === 'Error' ? message.slice(0, 100) : name;
}
