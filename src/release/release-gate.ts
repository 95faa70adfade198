import { type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Loop } from '../async/loop.js';
import { withTimeout } from '../async/time-limit.js';
import { errorFields, type Log } from '../observability/log.js';
import { Outage } from '../observability/outage.js';
import type { LoadBalancer } from './load-balancer.js';
import type { ReleaseTiming } from './release-timing.js';

/** `open`: no load balancer is asked; `waiting`: it has not answered yet; `unanswered`: not for so long that it is worth saying. */
export type GateState = 'open' | 'waiting' | 'answered' | 'unanswered';

/**
 * Which share of the work this process may fetch: the share of the production traffic that the load balancer gives its target
 * group. A new version beside the old one has 0 until traffic is shifted to it, and again after a rollback. What its own API
 * accepts is not asked about: that is its traffic.
 *
 * When the load balancer doesn't answer, the last share stays (a deployment may then be half way: both versions go on as they
 * were); a process that never had an answer fetches nothing and isn't ready. Nothing is kept: a new process asks anew.
 */
export class ReleaseGate implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly followers: ((share: number) => void)[] = [];
  private readonly loop: Loop | null;
  private readonly trouble = new Outage();
  /** Since the first failure after the last answer, on the monotonic clock: time without a question is nobody's silence. */
  private failingSince: number | null = null;
  private now: number;
  private failures = 0;
  private known: GateState;

  constructor(
    private readonly loadBalancer: LoadBalancer | null,
    private readonly timing: ReleaseTiming,
    private readonly log: Log,
  ) {
    this.now = loadBalancer ? 0 : 1;
    this.known = loadBalancer ? 'waiting' : 'open';
    this.loop = loadBalancer && new Loop({ turn: () => this.ask(loadBalancer) });
  }

  /** 0 to 1: nothing, or how much of its permits this process may use for what it fetches. */
  get share(): number {
    return this.now;
  }

  get state(): GateState {
    return this.known;
  }

  /** `follow` is called with each new share, as long as the process lives. */
  onChange(follow: (share: number) => void): void {
    this.followers.push(follow);
  }

  onApplicationBootstrap(): void {
    this.loop?.start();
  }

  onApplicationShutdown(): void {
    void this.loop?.stop();
    this.loadBalancer?.close();
  }

  /** Never rejects. Answers the pause before the load balancer is asked again, in ms. */
  private async ask(loadBalancer: LoadBalancer): Promise<number> {
    const startedAt = performance.now();
    try {
      const share = await withTimeout(this.timing.limitMs, (signal) => loadBalancer.share(signal));
      if (!this.loop?.isStopping) this.answered(share);
    } catch (error) {
      if (!this.loop?.isStopping) this.failed(error);
    }
    const { everyMs, untilFirstMs } = this.timing;
    return (this.known === 'waiting' ? untilFirstMs : everyMs) - (performance.now() - startedAt);
  }

  private answered(share: number): void {
    if (this.known === 'unanswered') this.log.info('release.answered_again', { failures: this.failures, share });
    const from = this.known === 'waiting' ? null : this.now;
    this.known = 'answered';
    this.failingSince = null;
    this.trouble.over();
    this.failures = 0;
    if (share === from) return;
    this.now = share;
    this.log.info('release.weight', { from, to: share });
    for (const follow of this.followers) follow(share);
  }

  private failed(error: unknown): void {
    this.failures++;
    this.failingSince ??= performance.now();
    if (this.known === 'answered' && performance.now() - this.failingSince < this.timing.reportAfterMs) return;
    if (this.known === 'answered') this.known = 'unanswered';
    const level = this.trouble.failed(error);
    if (!level) return;
    const facts = { ...errorFields(error), failures: this.failures };
    if (this.known === 'waiting')
      this.log[level]('release.not_answered', { ...facts, effect: 'not ready, and nothing is fetched' });
    else this.log[level]('release.unanswered', { ...facts, share: this.now, effect: 'it stays' });
  }
}
