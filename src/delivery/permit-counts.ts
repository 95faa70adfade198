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
  isUnproven: boolean;
}

/** Counts permits by endpoint and by speed. When an endpoint's speed changes, its permits count for the new speed. */
export class PermitCounts {
  private readonly byEndpoint = new Map<string, EndpointPermits>();
  private readonly bySpeed: Record<Speed, Use> = { unknown: none(), fast: none(), slow: none() };
  private readonly unprovenByOrg = new Map<string, number>();
  /** Endpoints that were unknown when they got their first permit and have not answered it quickly since; some of them hang. */
  unproven = 0;

  /** Of all endpoints of this speed. */
  of(speed: Speed): Readonly<Use> {
    return this.bySpeed[speed];
  }

  held(endpointId: string): number {
    return this.byEndpoint.get(endpointId)?.held ?? 0;
  }

  /** `unproven` of one organisation. */
  unprovenOf(orgId: string): number {
    return this.unprovenByOrg.get(orgId) ?? 0;
  }

  /**
   * Returns the organisation that the permit counts for: that of the endpoint's first permit, which may be another name for it if the endpoint
   * was not found then.
   */
  take({ orgId, endpointId }: PermitHolder, speed: Speed, isFetched: boolean): string {
    let permits = this.byEndpoint.get(endpointId);
    if (!permits) {
      this.byEndpoint.set(endpointId, (permits = { orgId, speed, isUnproven: false, ...none() }));
      this.setUnproven(permits, speed === 'unknown');
    }
    this.move(endpointId, speed);
    for (const use of [permits, this.bySpeed[speed]]) add(use, 1, isFetched ? 1 : 0);
    return permits.orgId;
  }

  /** Returns the organisation that the permit counted for. */
  giveBack(endpointId: string, isFetched: boolean): string {
    const permits = this.byEndpoint.get(endpointId);
    if (!permits) throw new Error('A permit was given back that nobody held.');
    for (const use of [permits, this.bySpeed[permits.speed]]) add(use, -1, isFetched ? -1 : 0);
    if (permits.held === 0) {
      this.setUnproven(permits, false);
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
    if (speed === 'fast') this.setUnproven(permits, false);
  }

  private setUnproven(permits: EndpointPermits, isUnproven: boolean): void {
    if (permits.isUnproven === isUnproven) return;
    permits.isUnproven = isUnproven;
    this.unproven += isUnproven ? 1 : -1;
    const ofOrg = this.unprovenOf(permits.orgId) + (isUnproven ? 1 : -1);
    if (ofOrg > 0) this.unprovenByOrg.set(permits.orgId, ofOrg);
    else this.unprovenByOrg.delete(permits.orgId);
  }
}

function none(): Use {
  return { held: 0, fetched: 0 };
}

function add(use: Use, held: number, fetched: number): void {
  use.held += held;
  use.fetched += fetched;
}
