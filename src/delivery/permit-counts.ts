import type { Speed } from './endpoint-speed.js';

/** What a permit is held for. */
export interface Holder {
  readonly orgId: string;
  readonly appId: string;
  readonly endpointId: string;
}

/** Permits in use; `fetched`: of these, what the queue brought and the scanner found. */
export interface Use {
  held: number;
  fetched: number;
}

interface EndpointPermits extends Use {
  readonly orgId: string;
  standing: Speed;
  /** It began as an unknown endpoint's first permit, and there has been no quick answer yet. */
  isFirst: boolean;
}

/** Who holds permits: by endpoint, and by what endpoints count as. An endpoint that counts as something else takes its permits along. */
export class PermitCounts {
  private readonly byEndpoint = new Map<string, EndpointPermits>();
  private readonly byStanding: Record<Speed, Use> = { unknown: none(), fast: none(), slow: none() };
  private readonly firstsByOrg = new Map<string, number>();
  /** Endpoints that were unknown when they got their first permit, and have let it wait since: those that hang included. */
  firsts = 0;

  /** Of all endpoints that count as this. */
  of(standing: Speed): Readonly<Use> {
    return this.byStanding[standing];
  }

  held(endpointId: string): number {
    return this.byEndpoint.get(endpointId)?.held ?? 0;
  }

  /** `firsts` of one organisation. */
  firstsOf(orgId: string): number {
    return this.firstsByOrg.get(orgId) ?? 0;
  }

  /** Returns the organisation that it counts for. */
  take({ orgId, endpointId }: Holder, standing: Speed, isFetched: boolean): string {
    let seat = this.byEndpoint.get(endpointId);
    if (!seat) {
      this.byEndpoint.set(endpointId, (seat = { orgId, standing, isFirst: false, ...none() }));
      this.isFirst(seat, standing === 'unknown');
    }
    this.move(endpointId, standing);
    for (const use of [seat, this.byStanding[standing]]) add(use, 1, isFetched ? 1 : 0);
    return seat.orgId;
  }

  /** Returns the organisation that it counted for. */
  give(endpointId: string, isFetched: boolean): string {
    const seat = this.byEndpoint.get(endpointId);
    if (!seat) throw new Error('A permit was given back that nobody held.');
    for (const use of [seat, this.byStanding[seat.standing]]) add(use, -1, isFetched ? -1 : 0);
    if (seat.held === 0) {
      this.isFirst(seat, false);
      this.byEndpoint.delete(endpointId);
    }
    return seat.orgId;
  }

  /** The endpoint counts as this from now on. */
  move(endpointId: string, standing: Speed): void {
    const seat = this.byEndpoint.get(endpointId);
    if (!seat || seat.standing === standing) return;
    add(this.byStanding[seat.standing], -seat.held, -seat.fetched);
    add(this.byStanding[standing], seat.held, seat.fetched);
    seat.standing = standing;
    if (standing === 'fast') this.isFirst(seat, false);
  }

  private isFirst(seat: EndpointPermits, isFirst: boolean): void {
    if (seat.isFirst === isFirst) return;
    seat.isFirst = isFirst;
    this.firsts += isFirst ? 1 : -1;
    const ofOrg = this.firstsOf(seat.orgId) + (isFirst ? 1 : -1);
    if (ofOrg > 0) this.firstsByOrg.set(seat.orgId, ofOrg);
    else this.firstsByOrg.delete(seat.orgId);
  }
}

function none(): Use {
  return { held: 0, fetched: 0 };
}

function add(use: Use, held: number, fetched: number): void {
  use.held += held;
  use.fetched += fetched;
}
