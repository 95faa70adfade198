import { Injectable } from '@nestjs/common';
import { LocalBuckets } from '../cache/local-buckets.js';
import { SharedCache } from '../cache/shared-cache.js';
import type { BucketRate } from '../cache/token-bucket.js';
import type { Limits } from '../config/limit-variables.js';
import { Blocks, type Answer, type Given } from './blocks.js';
import { OrganizationLimits } from './organization-limits.js';
import { RunningTasks } from '../release/running-tasks.js';

/** Unused tokens go back after this time. So all processes together let through at most the burst, and the rate times the time and this. */
const HOLD_MS = 500;
/** A process takes at most the tokens of this part of a second at once, and at most this part of the burst. */
const PART = 10;

/** Who makes a request. */
export interface Caller {
  orgId: string;
  /** The id of the token. */
  keyId: string;
}

/** A limit that applies to a request, and what is left of it. */
export interface LimitState {
  name: 'organization' | 'key';
  /** Requests in `windowSeconds`, after which a burst is possible again. */
  quota: number;
  perSecond: number;
  windowSeconds: number;
  left: number;
  waitMs: number;
}

/** `refusedBy`: the limit that does not allow the request; null if all do. */
export interface Verdict {
  states: LimitState[];
  refusedBy: LimitState | null;
}

/**
 * Decides whether a request may be made: each organisation and each token has a token bucket, which all processes share. Tokens come from
 * Redis in blocks, so that a request seldom waits for it.
 *
 * If Redis is away or slow: after at most the time limit of the cache, each process has buckets of its own, with its share of the rate.
 * If this process dies: the tokens of its blocks are lost, at most a tenth of a second's worth for each bucket.
 */
@Injectable()
export class RequestThrottle {
  private readonly blocks: Blocks<BucketRate>;
  private readonly own = new LocalBuckets();

  constructor(
    private readonly limits: OrganizationLimits,
    private readonly cache: SharedCache,
    private readonly tasks: RunningTasks,
  ) {
    this.blocks = new Blocks<BucketRate>({
      take: (key, rate, want, back) => this.takeTokens(key, rate, want, back),
      maxBlock: ({ perSecond, burst }) => Math.max(1, Math.floor(Math.min(perSecond, burst) / PART)),
      isSame: (one, other) => one.perSecond === other.perSecond && one.burst === other.burst,
      holdMs: HOLD_MS,
    });
  }

  /** Whether no rate is set for any organisation. */
  get isOff(): boolean {
    return !this.limits.hasRates;
  }

  /** Takes a token from each bucket that applies; null if none does. Never throws, and takes at most the time limit of the cache. */
  async check({ orgId, keyId }: Caller): Promise<Verdict | null> {
    const limits = this.limits.of(orgId);
    const rates = ratesOf(limits, orgId, keyId);
    if (rates.length === 0) return null;
    const answers = await Promise.all(rates.map(({ key, rate }) => this.blocks.take(key, rate, 1)));
    const states = rates.map(({ name, rate }, at) => stateOf(name, rate, answers[at]!));
    const refusals = states.filter((_, at) => !answers[at]!.taken);
    if (refusals.length === 0) return { states, refusedBy: null };
    // The other bucket did not count the request.
    rates.forEach(({ key }, at) => answers[at]!.taken && this.blocks.putBack(key, 1));
    return { states, refusedBy: refusals.reduce((one, other) => (other.waitMs > one.waitMs ? other : one)) };
  }

  private async takeTokens(key: string, rate: BucketRate, want: number, back: number): Promise<Given> {
    const shared = await this.cache.takeTokens(key, rate, want, back);
    if (shared) return shared;
    const tasks = this.tasks.count();
    const share = { perSecond: rate.perSecond / tasks, burst: Math.max(1, Math.floor(rate.burst / tasks)) };
    return this.own.take(key, share, want, 0);
  }
}

interface NamedRate {
  name: LimitState['name'];
  key: string;
  rate: BucketRate;
}

function ratesOf(limits: Limits, orgId: string, keyId: string): NamedRate[] {
  const rates: NamedRate[] = [];
  const add = (name: NamedRate['name'], key: string, perSecond: number, burst: number) => {
    if (perSecond > 0) rates.push({ name, key, rate: { perSecond, burst: burst || perSecond } });
  };
  add('organization', `org:${orgId}`, limits.throttleRate, limits.throttleBurst);
  add('key', `key:${orgId}:${keyId}`, limits.throttleKeyRate, limits.throttleKeyBurst);
  return rates;
}

function stateOf(name: LimitState['name'], { perSecond, burst }: BucketRate, { left, waitMs }: Answer): LimitState {
  return { name, quota: burst, perSecond, windowSeconds: Math.ceil(burst / perSecond), left, waitMs };
}
