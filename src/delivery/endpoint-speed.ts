import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { AwakeClock } from './awake-clock.js';
import { HangingRequests } from './hanging-requests.js';

const MAX_ENDPOINTS = 20_000;
/** An endpoint whose answers take longer than this on average is slow. */
const FAST_MS = 1_000;
/** Assumed for an endpoint that has not answered yet: its request hangs after four times this. */
const ASSUMED_MS = 125;
const WEIGHT_OF_NEWEST = 0.2;
/** After so many quick answers in a row a slow endpoint is fast again, whatever its average. */
const QUICK_AGAIN = 2;
/** A slow endpoint to which nothing was sent for so long is unknown again. */
const FORGOTTEN_MS = 300_000;

/** What this process knows of an endpoint: nothing yet, that it answers quickly, or that it does not. */
export type Speed = 'unknown' | 'fast' | 'slow';

interface Known {
  readonly endpointId: string;
  speed: Speed;
  averageMs: number;
  /** Quick answers in a row. */
  quick: number;
  /** Start of the latest request that was answered quickly. */
  quickSince: number;
  answeredAt: number;
  underWay: number;
  /** How many of the requests under way hang. */
  hung: number;
}

/** One request under way, as the speed of its endpoint is judged by it. */
export interface RequestUnderWay {
  readonly endpoint: Known;
  /** By the AwakeClock. */
  readonly startedAt: number;
  hung: boolean;
  over: boolean;
}

/**
 * How fast endpoints answer, judged by their answers and by the requests that still wait for one. An endpoint is slow when its average is
 * above a second, when it has answered nothing since a request began that hangs, or when at least two and at least half of its requests hang. A request hangs
 * after 250 ms to 1 s, depending on what the endpoint usually takes. Quick answers make the endpoint fast again, before its old
 * requests have timed out. Time in which this process stood still does not count. Nothing is kept: a new process learns it anew.
 */
@Injectable()
export class EndpointSpeed {
  /** Is told of each endpoint whose speed has changed. */
  onChange: (endpointId: string, speed: Speed) => void = () => {};
  private readonly busy = new Map<string, Known>();
  private readonly known = new LRUCache<string, Known>({
    max: MAX_ENDPOINTS,
    dispose: (_endpoint, endpointId, reason) => {
      if (reason === 'evict' && !this.busy.has(endpointId)) this.slowIds.delete(endpointId);
    },
  });
  private readonly slowIds = new Set<string>();
  private readonly hanging = new HangingRequests<RequestUnderWay>((request) => this.hangs(request));

  constructor(private readonly clock: AwakeClock) {
    clock.onTick(() => this.hanging.check(clock.now));
  }

  /** How many endpoints are slow. */
  get slow(): number {
    return this.slowIds.size;
  }

  of(endpointId: string): Speed {
    const endpoint = this.find(endpointId);
    if (endpoint?.speed === 'slow' && endpoint.underWay === 0 && this.clock.now - endpoint.answeredAt > FORGOTTEN_MS)
      this.setSpeed(endpoint, 'unknown');
    return endpoint?.speed ?? 'unknown';
  }

  /** How long the endpoint usually takes to answer, in ms. */
  averageMs(endpointId: string): number {
    return this.find(endpointId)?.averageMs ?? ASSUMED_MS;
  }

  /** A request is sent now. */
  requestStarted(endpointId: string): RequestUnderWay {
    const endpoint = this.find(endpointId) ?? newEndpoint(endpointId);
    endpoint.underWay++;
    this.busy.set(endpointId, endpoint);
    const request = { endpoint, startedAt: this.clock.now, hung: false, over: false };
    this.hanging.watch(request, 4 * endpoint.averageMs);
    return request;
  }

  /**
   * The request is over. `durationMs` is the time until the head of the response, or until the error; `timedOut`: there was no response.
   * How long a body takes does not make an endpoint slow: it is cut off at 20,000 bytes.
   */
  requestEnded(request: RequestUnderWay, durationMs: number, timedOut: boolean): void {
    const { endpoint, startedAt } = request;
    this.close(request);
    const tookMs = this.clock.awake(startedAt, durationMs);
    // It has answered a later request since; or the time ran out while this process stood still.
    if (timedOut && (startedAt < endpoint.quickSince || tookMs < FAST_MS)) return;
    const isFirstAnswer = endpoint.speed === 'unknown';
    const { averageMs } = endpoint;
    endpoint.averageMs = isFirstAnswer && endpoint.hung === 0 ? tookMs : averageMs + (tookMs - averageMs) * WEIGHT_OF_NEWEST;
    endpoint.answeredAt = this.clock.now;
    const quick = tookMs < FAST_MS;
    endpoint.quick = quick ? endpoint.quick + 1 : 0;
    if (quick) endpoint.quickSince = Math.max(endpoint.quickSince, startedAt);
    if (endpoint.quick >= QUICK_AGAIN && endpoint.averageMs >= FAST_MS) endpoint.averageMs = tookMs;
    this.setSpeed(endpoint, endpoint.averageMs < FAST_MS ? 'fast' : 'slow');
  }

  /**
   * The request ended before it got as far as the endpoint, so it says nothing about the endpoint's speed. If the endpoint became slow while the
   * request hung, it is unknown again.
   */
  requestNotSent(request: RequestUnderWay): void {
    const { endpoint } = request;
    this.close(request);
    if (!request.hung || endpoint.speed !== 'slow') return;
    endpoint.averageMs = ASSUMED_MS;
    this.setSpeed(endpoint, 'unknown');
  }

  private close(request: RequestUnderWay): void {
    const { endpoint } = request;
    request.over = true;
    if (request.hung) endpoint.hung--;
    if (--endpoint.underWay === 0) this.busy.delete(endpoint.endpointId);
    this.known.set(endpoint.endpointId, endpoint);
  }

  private hangs(request: RequestUnderWay): void {
    const { endpoint, startedAt } = request;
    request.hung = true;
    endpoint.hung++;
    endpoint.quick = 0;
    const isSilent = endpoint.speed === 'unknown' || endpoint.answeredAt < startedAt;
    const mostHang = endpoint.hung >= 2 && endpoint.hung * 2 >= endpoint.underWay;
    // One quick answer while most requests hang does not make it fast.
    if (mostHang) endpoint.averageMs = Math.max(endpoint.averageMs, 2 * FAST_MS);
    if (isSilent || mostHang) this.setSpeed(endpoint, 'slow');
  }

  private setSpeed(endpoint: Known, speed: Speed): void {
    if (endpoint.speed === speed) return;
    endpoint.speed = speed;
    if (speed === 'slow') this.slowIds.add(endpoint.endpointId);
    else this.slowIds.delete(endpoint.endpointId);
    this.onChange(endpoint.endpointId, speed);
  }

  private find(endpointId: string): Known | undefined {
    return this.busy.get(endpointId) ?? this.known.get(endpointId);
  }
}

function newEndpoint(endpointId: string): Known {
  return {
    endpointId,
    speed: 'unknown',
    averageMs: ASSUMED_MS,
    quick: 0,
    quickSince: Number.NEGATIVE_INFINITY,
    answeredAt: Number.NEGATIVE_INFINITY,
    underWay: 0,
    hung: 0,
  };
}
