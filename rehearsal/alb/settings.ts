import type { Clock } from '../model.js';

/** What AWS documents nothing about. The defaults are the reading that is hardest on the service behind. */
export interface Assumptions {
  /**
   * To how many targets a request is offered if a connection can't be made. One: the documentation lists a refused connection as a
   * cause of 502 and tells of no other try.
   */
  connectAttempts: number;
  /** Whether a request of an idempotent method without a body is sent again if the target closed the kept connection under it. */
  resendsIdempotent: boolean;
  /** Whether the connection to the target is closed when the client left before the answer began. */
  closesWithClient: boolean;
  /** The answer if no target group of the listener has a weight. */
  statusWithoutWeight: number;
  /** Whether a target that no check has judged yet is among UnHealthyHostCount. */
  countsInitialAsUnhealthy: boolean;
  /** How often the counts of hosts are reported, ms on AWS. AWS says that there are several reports a minute, and not how many. */
  reportEveryMs: number;
}

/**
 * Attributes of a load balancer, ms on AWS, with AWS's own defaults.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html
 */
export interface LoadBalancerSettings {
  /** `idle_timeout.timeout_seconds`, of connections to clients and to targets. */
  idleTimeoutMs: number;
  /** `client_keep_alive.seconds`: how old a client's connection may become. */
  clientKeepAliveMs: number;
  /** Not an attribute. https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html#http-504-issues */
  connectTimeoutMs: number;
  /** `routing.http.drop_invalid_header_fields.enabled`. */
  dropsInvalidHeaders: boolean;
  /** Clients' connections of a listener above which others are rejected; null for no limit. AWS's limit is not documented. */
  maxConnections: number | null;
  assumed: Assumptions;
}

/** The settings in real ms. */
export type Limits = Readonly<LoadBalancerSettings>;

const ASSUMED: Assumptions = {
  connectAttempts: 1,
  resendsIdempotent: false,
  closesWithClient: true,
  statusWithoutWeight: 503,
  countsInitialAsUnhealthy: false,
  reportEveryMs: 10_000,
};

const DEFAULTS: LoadBalancerSettings = {
  idleTimeoutMs: 60_000,
  clientKeepAliveMs: 3_600_000,
  connectTimeoutMs: 10_000,
  dropsInvalidHeaders: false,
  maxConnections: null,
  assumed: ASSUMED,
};

/** What a load balancer is given: any of its settings, and any of the assumptions. */
export type GivenSettings = Partial<Omit<LoadBalancerSettings, 'assumed'>> & { assumed?: Partial<Assumptions> };

/** The settings that were given and the defaults of the others, in whole real ms. */
export function limitsOf(given: GivenSettings, clock: Clock): Limits {
  const all = { ...DEFAULTS, ...given };
  const real = (awsMs: number) => Math.max(1, Math.round(clock.seconds(awsMs)));
  return {
    ...all,
    idleTimeoutMs: real(all.idleTimeoutMs),
    clientKeepAliveMs: real(all.clientKeepAliveMs),
    connectTimeoutMs: real(all.connectTimeoutMs),
    assumed: { ...ASSUMED, ...given.assumed },
  };
}
