import type { PermitHolder } from '../domain/hand-off.js';
import type { Speed } from './endpoint-speed.js';

/** Permits in use; `fetched`: of these, what came from the queue and the scanner. */
export interface Use {
  held: number;
  fetched: number;
}

interface EndpointPermits extends Use {
  readonly orgId: string;
  speed: Speed;
  /** The first permit was for an unknown endpoint, and there has been no quick answer yet. */
  isFirst: boolean;
}

/** Counts permits by endpoint and by speed. When an endpoint's speed changes, its permits count for the new speed. */
export class PermitCounts {
  private readonly byEndpoint = new Map<string, EndpointPermits>();
  private readonly bySpeed: Record<Speed, Use> = { unknown: none(), fast: none(), slow: none() };
  private readonly firstsByOrg = new Map<string, number>();
  /** Endpoints that were unknown when they got their first permit and have not answered it quickly since; some of them hang. */
  firsts = 0;

  /** Of all endpoints of this speed. */
  of(speed: Speed): Readonly<Use> {
    return this.bySpeed[speed];
  }

  held(endpointId: string): number {
    return this.byEndpoint.get(endpointId)?.held ?? 0;
  }

  /** `firsts` of one organisation. */
  firstsOf(orgId: string): number {
    return this.firstsByOrg.get(orgId) ?? 0;
  }

  /** Returns the organisation that the permit counts for. */
  take({ orgId, endpointId }: PermitHolder, speed: Speed, isFetched: boolean): string {
    let permits = this.byEndpoint.get(endpointId);
    if (!permits) {
      this.byEndpoint.set(endpointId, (permits = { orgId, speed, isFirst: false, ...none() }));
      this.setFirst(permits, speed === 'unknown');
    }
    this.move(endpointId, speed);
    for (const use of [permits, this.bySpeed[speed]]) add(use, 1, isFetched ? 1 : 0);
    return permits.orgId;
  }

  /** Returns the organisation that the permit counted for. */
  give(endpointId: string, isFetched: boolean): string {
    const permits = this.byEndpoint.get(endpointId);
    if (!permits) throw new Error('A permit was given back that nobody held.');
    for (const use of [permits, this.bySpeed[permits.speed]]) add(use, -1, isFetched ? -1 : 0);
    if (permits.held === 0) {
      this.setFirst(permits, false);
      this.byEndpoint.delete(endpointId);
    }
    return permits.orgId;
  }

  /** The endpoint has this speed from now on. */
  move(endpointId: string, speed: Speed): void {
    const permits = this.byEndpoint.get(endpointId);
    if (!permits || permits.speed === speed) return;
    add(this.bySpeed[permits.speed], -permits.held, -permits.fetched);
    add(this.bySpeed[speed], permits.held, permits.fetched);
    permits.speed = speed;
    if (speed === 'fast') this.setFirst(permits, false);
  }

  private setFirst(permits: EndpointPermits, isFirst: boolean): void {
    if (permits.isFirst === isFirst) return;
    permits.isFirst = isFirst;
    this.firsts += isFirst ? 1 : -1;
    const ofOrg = this.firstsOf(permits.orgId) + (isFirst ? 1 : -1);
    if (ofOrg > 0) this.firstsByOrg.set(permits.orgId, ofOrg);
    else this.firstsByOrg.delete(permits.orgId);
  }
}

function none(): Use {
  return { held: 0, fetched: 0 };
}

function add(use: Use, held: number, fetched: number): void {
  use.held += held;
  use.fetched += fetched;
}
