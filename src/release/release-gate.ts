import { type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Loop } from '../async/loop.js';
import { withTimeout } from '../async/time-limit.js';
import { errorFields, type Log } from '../observability/log.js';
import { Outage } from '../observability/outage.js';
import type { LoadBalancer } from './load-balancer.js';
import { firstPauseMs, isThrottled, periodMs } from './question-pace.js';
import type { ReleaseTiming } from './release-timing.js';

const LEAST_PACE = 0.05;

/** `open`: there is no load balancer to ask. `waiting`: it has not answered yet. `unanswered`: it has not answered for a minute. */
export type GateState = 'open' | 'waiting' | 'answered' | 'unanswered';

/**
 * Decides which share of the work this process may fetch from the queue and the database: the share of the production traffic that the
 * load balancer gives its target group. A new version beside the old one has share 0 until traffic is shifted to it, and again after a
 * rollback. Messages that its own API accepts are not limited: they are its share of the traffic.
 *
 * If the load balancer does not answer: the last share stays. In the middle of a deployment both versions go on as they were. A process
 * that never got an answer fetches nothing and is not ready. If it says that there were too many requests, the pauses get longer.
 * If the process dies: a new one asks again; nothing is stored.
 */
export class ReleaseGate implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly listeners: ((share: number) => void)[] = [];
  private readonly loop: Loop | null;
  private readonly outage = new Outage();
  /** When the first call after the last answer failed, on the monotonic clock. (Not the time of that answer: the pauses between calls do not count.) */
  private failingSince: number | null = null;
  private current: number;
  private failures = 0;
  /** How many questions in a row were refused as too many. */
  private throttled = 0;
  private gateState: GateState;

  constructor(
    private readonly loadBalancer: LoadBalancer | null,
    private readonly timing: ReleaseTiming,
    private readonly log: Log,
    private readonly random: () => number = Math.random,
  ) {
    this.current = loadBalancer ? 0 : 1;
    this.gateState = loadBalancer ? 'waiting' : 'open';
    this.loop = loadBalancer && new Loop({ turn: () => this.ask(loadBalancer) });
  }

  /** 0 to 1: which part of its permits this process may use for work that it fetches. At 0 it fetches nothing. */
  get share(): number {
    return this.current;
  }

  /** 0 to 1: in which part of the time this process may fetch. With a hundredth of the traffic a twentieth, so that no work waits for long. */
  get pace(): number {
    return this.current === 0 ? 0 : Math.max(LEAST_PACE, this.current);
  }

  get state(): GateState {
    return this.gateState;
  }

  /** The name of the target group of this task; null without a load balancer, and until the group was found. */
  get targetGroup(): string | null {
    return this.loadBalancer?.group?.split('/')[1] ?? null;
  }

  /** `listener` is called with each new share, as long as the process lives. */
  onChange(listener: (share: number) => void): void {
    this.listeners.push(listener);
  }

  onApplicationBootstrap(): void {
    setTimeout(() => this.loop?.start(), firstPauseMs(this.timing, this.random)).unref();
  }

  onApplicationShutdown(): void {
    void this.loop?.stop();
    this.loadBalancer?.close();
  }

  /** Never rejects. Answers the pause before the load balancer is asked again, in ms. */
  private async ask(loadBalancer: LoadBalancer): Promise<number> {
    const startedAt = performance.now();
    const isFirst = this.gateState === 'waiting';
    try {
      const share = await withTimeout(this.timing.limitMs, (signal) => loadBalancer.share(signal));
      if (!this.loop?.isStopping) this.answered(share);
    } catch (error) {
      if (!this.loop?.isStopping) this.failed(error);
    }
    const answers = this.gateState === 'waiting' ? 'none' : isFirst ? 'first' : 'several';
    return periodMs(this.timing, { answers, throttled: this.throttled }, this.random) - (performance.now() - startedAt);
  }

  private answered(share: number): void {
    const awayMs = this.outage.over();
    if (awayMs !== null) this.log.info('release.back', { awayMs, failures: this.failures, share });
    const from = this.gateState === 'waiting' ? null : this.current;
    this.gateState = 'answered';
    this.failingSince = null;
    this.failures = this.throttled = 0;
    if (share === from) return;
    this.current = share;
    this.log.info('release.weight', { from, to: share });
    for (const listener of this.listeners) listener(share);
  }

  private failed(error: unknown): void {
    this.failures++;
    this.throttled = isThrottled(error) ? this.throttled + 1 : 0;
    this.failingSince ??= performance.now();
    if (this.gateState === 'answered' && performance.now() - this.failingSince < this.timing.reportAfterMs) return;
    if (this.gateState === 'answered') this.gateState = 'unanswered';
    const level = this.outage.failed(error);
    if (!level) return;
    const facts = { ...errorFields(error), failures: this.failures };
    if (this.gateState === 'waiting')
      this.log[level]('release.away', { ...facts, effect: 'the process is not ready, and fetches no work' });
    else this.log[level]('release.away', { ...facts, share: this.current, effect: 'the share stays as it was' });
  }
}
