import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { AwakeClock } from './awake-clock.js';
import { HangingRequests } from './hanging-requests.js';

const MAX_ENDPOINTS = 20_000;
/** An endpoint that answers later than this on average is slow. */
const FAST_MS = 1_000;
/** Taken for an endpoint that has not answered yet: it has hung after four times this. */
const ASSUMED_MS = 125;
const WEIGHT_OF_NEWEST = 0.2;
/** So many quick answers in a row, and a slow endpoint is fast again, whatever its average. */
const QUICK_AGAIN = 2;
/** A slow endpoint that nothing was sent to for so long is unknown again. */
const FORGOTTEN_MS = 300_000;

/** What this process knows of an endpoint: nothing yet, that it answers, or that it lets wait. */
export type Speed = 'unknown' | 'fast' | 'slow';

interface Pace {
  readonly endpointId: string;
  standing: Speed;
  averageMs: number;
  /** Quick answers in a row. */
  quick: number;
  /** When the newest of the requests began that were answered quickly. */
  quickSince: number;
  answeredAt: number;
  underWay: number;
  /** Of these, how many have hung. */
  hung: number;
}

/** One request under way. */
export interface Request {
  readonly pace: Pace;
  /** By AwakeClock. */
  readonly startedAt: number;
  hung: boolean;
  over: boolean;
}

/**
 * How fast endpoints answer, by their answers and by the requests that still wait for one. An endpoint counts as slow when its
 * average is above a second, when it has said nothing since a request began that hangs, or when most of its requests hang. A
 * request hangs after 250 ms to 1 s, by what the endpoint usually takes. It is fast again with its next quick answers, before old
 * requests have run into their time limit. What a process didn't see because it was late itself doesn't count.
 */
@Injectable()
export class EndpointSpeed {
  /** Hears of each endpoint that counts as something else from now on. */
  onChange: (endpointId: string, standing: Speed) => void = () => {};
  private readonly busy = new Map<string, Pace>();
  private readonly known = new LRUCache<string, Pace>({
    max: MAX_ENDPOINTS,
    dispose: (pace, endpointId, reason) => {
      if (reason === 'evict' && !this.busy.has(endpointId)) this.slowOnes.delete(endpointId);
    },
  });
  private readonly slowOnes = new Set<string>();
  private readonly hanging = new HangingRequests<Request>((request) => this.hangs(request));

  constructor(private readonly time: AwakeClock) {
    time.onTick(() => this.hanging.look(time.now));
  }

  /** How many endpoints count as slow. */
  get slow(): number {
    return this.slowOnes.size;
  }

  standing(endpointId: string): Speed {
    const pace = this.paceOf(endpointId);
    if (pace?.standing === 'slow' && pace.underWay === 0 && this.time.now - pace.answeredAt > FORGOTTEN_MS)
      this.is(pace, 'unknown');
    return pace?.standing ?? 'unknown';
  }

  /** What it usually takes to answer, in ms. */
  averageMs(endpointId: string): number {
    return this.paceOf(endpointId)?.averageMs ?? ASSUMED_MS;
  }

  /** A request goes out now. */
  began(endpointId: string): Request {
    const pace = this.paceOf(endpointId) ?? newPace(endpointId);
    pace.underWay++;
    this.busy.set(endpointId, pace);
    const request = { pace, startedAt: this.time.now, hung: false, over: false };
    this.hanging.watch(request, 4 * pace.averageMs);
    return request;
  }

  /** It came to an end after `durationMs`: with an answer, an error, or (`timedOut`) without anything. */
  ended(request: Request, durationMs: number, timedOut: boolean): void {
    const { pace, startedAt } = request;
    request.over = true;
    if (request.hung) pace.hung--;
    if (--pace.underWay === 0) this.busy.delete(pace.endpointId);
    this.known.set(pace.endpointId, pace);
    const tookMs = this.time.seen(startedAt, durationMs);
    // It has answered a later request meanwhile; or the time ran out while this process stood still.
    if (timedOut && (startedAt < pace.quickSince || tookMs < FAST_MS)) return;
    const isFirst = pace.standing === 'unknown';
    pace.averageMs = isFirst && pace.hung === 0 ? tookMs : pace.averageMs + (tookMs - pace.averageMs) * WEIGHT_OF_NEWEST;
    pace.answeredAt = this.time.now;
    const quick = tookMs < FAST_MS;
    pace.quick = quick ? pace.quick + 1 : 0;
    if (quick) pace.quickSince = Math.max(pace.quickSince, startedAt);
    if (pace.quick >= QUICK_AGAIN && pace.averageMs >= FAST_MS) pace.averageMs = tookMs;
    this.is(pace, pace.averageMs < FAST_MS ? 'fast' : 'slow');
  }

  private hangs(request: Request): void {
    const { pace, startedAt } = request;
    request.hung = true;
    pace.hung++;
    pace.quick = 0;
    const isSilent = pace.standing === 'unknown' || pace.answeredAt < startedAt;
    const mostHang = pace.hung >= 2 && pace.hung * 2 >= pace.underWay;
    // One quick answer among many that don't come is no proof.
    if (mostHang) pace.averageMs = Math.max(pace.averageMs, 2 * FAST_MS);
    if (isSilent || mostHang) this.is(pace, 'slow');
  }

  private is(pace: Pace, standing: Speed): void {
    if (pace.standing === standing) return;
    pace.standing = standing;
    if (standing === 'slow') this.slowOnes.add(pace.endpointId);
    else this.slowOnes.delete(pace.endpointId);
    this.onChange(pace.endpointId, standing);
  }

  private paceOf(endpointId: string): Pace | undefined {
    return this.busy.get(endpointId) ?? this.known.get(endpointId);
  }
}

function newPace(endpointId: string): Pace {
  return {
    endpointId,
    standing: 'unknown',
    averageMs: ASSUMED_MS,
    quick: 0,
    quickSince: Number.NEGATIVE_INFINITY,
    answeredAt: Number.NEGATIVE_INFINITY,
    underWay: 0,
    hung: 0,
  };
}
