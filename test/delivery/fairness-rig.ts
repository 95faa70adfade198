import type { AppConfig } from '../../src/config/config.js';
import { WriteState } from '../../src/database/write-state.js';
import { createLog } from '../../src/observability/log.js';
import { EndpointSpeed, type RequestUnderWay } from '../../src/delivery/endpoint-speed.js';
import { AwakeClock } from '../../src/delivery/awake-clock.js';
import { Permits, type Source } from '../../src/delivery/permits.js';
import type { ReleaseGate } from '../../src/release/release-gate.js';

/** Permits and what they know of endpoints, with a clock of the test's. */
export class FairnessRig {
  readonly time = new AwakeClock();
  readonly speeds = new EndpointSpeed(this.time);
  readonly permits: Permits;
  /** The release gate gives the process this share of the traffic from now on. */
  shift: (share: number) => void = () => undefined;

  constructor(concurrency: number, share = 1) {
    const gate = { share, onChange: (follow: (share: number) => void) => (this.shift = follow) } as unknown as ReleaseGate;
    this.permits = new Permits(
      { delivery: { concurrency } } as AppConfig,
      this.speeds,
      gate,
      new WriteState(createLog('silent', { write: () => undefined })),
    );
    // Its own timer would add the time that the test takes.
    this.time.onApplicationShutdown();
  }

  /** So much time goes by, and the process is awake all along. */
  goesBy(ms: number): void {
    for (let left = ms; left > 0; left -= 50) this.time.advance(Math.min(left, 50));
  }

  /** One more delivery, if it fits: its request is under way. */
  starts(
    endpointId: string,
    { app = `app of ${endpointId}`, org = 'org', source = 'handoff' as Source } = {},
  ): RequestUnderWay | null {
    const holder = { orgId: org, appId: app, endpointId };
    if (this.permits.mayStart(holder, source) !== 'fits') return null;
    this.permits.take(holder, source);
    return this.speeds.requestStarted(endpointId);
  }

  /** As many as fit, `most` at the most. Returns how many. */
  startsMany(most: number, endpointId: string, of: Parameters<FairnessRig['starts']>[1] = {}): number {
    for (let started = 0; started < most; started++) if (!this.starts(endpointId, of)) return started;
    return most;
  }

  ends(
    request: RequestUnderWay,
    durationMs: number,
    { app = `app of ${request.endpoint.endpointId}`, source = 'handoff' as Source } = {},
  ): void {
    this.speeds.requestEnded(request, durationMs, durationMs >= 15_000);
    this.permits.giveBack({ appId: app, endpointId: request.endpoint.endpointId }, source);
  }

  /** Makes it an endpoint that is known to answer. */
  hasAnswered(...endpointIds: string[]): void {
    for (const id of endpointIds) this.speeds.requestEnded(this.speeds.requestStarted(id), 20, false);
  }
}

export function names(count: number, prefix = 'ep'): string[] {
  return Array.from({ length: count }, (_, n) => `${prefix}_${n}`);
}
