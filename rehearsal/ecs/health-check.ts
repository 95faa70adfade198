import type { Clock, TaskDefinition } from '../model.js';
import { pause } from './pause.js';

export type HealthStatus = 'UNKNOWN' | 'HEALTHY' | 'UNHEALTHY';

/** Settings of a container's health check; times in ms on AWS. */
export type HealthCheck = NonNullable<TaskDefinition['healthCheck']>;

/** Real ms. Each check starts a process, which takes its real time, however short the seconds of the rehearsal are. */
export interface HealthCheckFloors {
  intervalMs: number;
  /** The same until it is healthy for the first time. */
  firstMs: number;
  timeoutMs: number;
}

/** What is known of a container after its checks so far. */
export interface Health {
  status: HealthStatus;
  failuresInARow: number;
}

/** Runs the command once, for at most so many real ms. Answers whether it ended with 0, and what it printed. */
export type Probe = (limitMs: number, signal: AbortSignal) => Promise<{ ok: boolean; output: string }>;

/**
 * What one more check makes of the health. A failure in the start period does not count, unless a check has succeeded in it.
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html
 */
export function afterCheck(before: Health, ok: boolean, { retries, starts }: { retries: number; starts: boolean }): Health {
  if (ok) return { status: 'HEALTHY', failuresInARow: 0 };
  if (starts && before.status === 'UNKNOWN') return before;
  const failuresInARow = before.failuresInARow + 1;
  return { status: failuresInARow >= retries ? 'UNHEALTHY' : before.status, failuresInARow };
}

/** The command of a health check as a program with arguments; null if there is none: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html */
export function checkCommand([kind, ...rest]: readonly string[]): string[] | null {
  if (kind === 'CMD') return rest;
  if (kind === 'CMD-SHELL') return ['/bin/sh', '-c', rest.join(' ')];
  return null;
}

/**
 * Checks a container again and again: the first time an interval after its start, then an interval after each check has ended.
 * https://docs.docker.com/reference/dockerfile/#healthcheck
 * Assumption: in the start period the interval is the same. Docker has a shorter one for it, which ECS has no setting for.
 */
export class ContainerHealth {
  private known: Health = { status: 'UNKNOWN', failuresInARow: 0 };
  private since = new Date();
  private last = '';
  private readonly check: HealthCheck;
  private readonly probe: Probe;
  private readonly clock: Clock;
  private readonly floors: HealthCheckFloors;

  constructor(check: HealthCheck, probe: Probe, clock: Clock, floors: HealthCheckFloors) {
    this.check = check;
    this.probe = probe;
    this.clock = clock;
    this.floors = floors;
  }

  get status(): HealthStatus {
    return this.known.status;
  }

  /** As the metadata endpoint shows it. */
  get facts(): { status: HealthStatus; statusSince: Date; output: string } {
    return { status: this.status, statusSince: this.since, output: this.last };
  }

  /** Checks until the signal aborts. Calls `onChange` with each new status. Never rejects. */
  async run(signal: AbortSignal, onChange: (status: HealthStatus, output: string) => void): Promise<void> {
    const { intervalMs, timeoutMs, retries, startPeriodMs } = this.check;
    const startedAt = this.clock.now();
    for (;;) {
      const { firstMs, intervalMs: floorMs } = this.floors;
      await pause(Math.max(this.clock.seconds(intervalMs), this.status === 'HEALTHY' ? floorMs : firstMs), signal);
      if (signal.aborted) return;
      const { ok, output } = await this.probe(Math.max(this.clock.seconds(timeoutMs), this.floors.timeoutMs), signal);
      if (signal.aborted) return;
      const starts = this.clock.now() - startedAt < this.clock.seconds(startPeriodMs);
      const before = this.status;
      this.known = afterCheck(this.known, ok, { retries, starts });
      this.last = output;
      if (this.status === before) continue;
      this.since = new Date();
      onChange(this.status, output);
    }
  }
}
