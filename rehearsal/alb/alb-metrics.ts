import type { Clock, MetricSink } from '../model.js';
import type { TargetGroup } from './target-group.js';
import type { TrafficLog } from './traffic-log.js';

type Dimensions = Record<string, string>;

const NAMESPACE = 'AWS/ApplicationELB';
const SERVER_ERRORS = 500;

/** What an AlbMetrics is made of. */
export interface AlbMetricsParts {
  /** Of the load balancer. */
  arn: string;
  groups: readonly TargetGroup[];
  clock: Clock;
  sink: MetricSink;
  /** See Assumptions. */
  reportEveryMs: number;
  countsInitialAsUnhealthy: boolean;
}

/**
 * Publishes the metrics that alarms look at, with the dimensions that they exist with: by load balancer, and by load balancer and group.
 * Availability Zones are left out: no alarm looks at one.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
 */
export class AlbMetrics implements TrafficLog {
  private readonly parts: AlbMetricsParts;
  private readonly whole: Dimensions;
  private readonly ofGroups: ReadonlyMap<TargetGroup, Dimensions>;
  private timer: NodeJS.Timeout | undefined;

  constructor(parts: AlbMetricsParts) {
    this.parts = parts;
    this.whole = { LoadBalancer: fullName(parts.arn, 'loadbalancer/') };
    this.ofGroups = new Map(
      parts.groups.map((group) => [group, { ...this.whole, TargetGroup: fullName(group.settings.arn, '') }]),
    );
  }

  /** Reports the hosts from now on. */
  start(): void {
    this.timer = setInterval(() => this.report(), this.parts.clock.minutes(this.parts.reportEveryMs));
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** "Only incremented for requests where the load balancer node was able to choose a target." */
  chosen(group: TargetGroup): void {
    this.putBoth(group, 'RequestCount', 1);
  }

  answered(group: TargetGroup, status: number, seconds: number): void {
    this.putBoth(group, 'TargetResponseTime', seconds);
    if (status >= SERVER_ERRORS) this.putBoth(group, 'HTTPCode_Target_5XX_Count', 1);
  }

  unconnected(group: TargetGroup): void {
    this.putBoth(group, 'TargetConnectionErrorCount', 1);
  }

  /** Never by group. */
  refused(_group: TargetGroup | null, status: number): void {
    if (status >= SERVER_ERRORS) this.put('HTTPCode_ELB_5XX_Count', this.whole, 1);
  }

  rejected(): void {
    this.put('RejectedConnectionCount', this.whole, 1);
  }

  /**
   * These metrics are "reported if there are registered targets", so a group without any has none, and one without requests has zeros.
   * A target that is draining is registered no more: it is neither healthy nor unhealthy.
   */
  private report(): void {
    for (const [group, dimensions] of this.ofGroups) {
      const states = group.health().map(({ state }) => state);
      const of = (...wanted: string[]) => states.filter((state) => wanted.includes(state)).length;
      if (of('initial', 'healthy', 'unhealthy') === 0) continue;
      const initial = this.parts.countsInitialAsUnhealthy ? of('initial') : 0;
      this.put('HealthyHostCount', dimensions, of('healthy'));
      this.put('UnHealthyHostCount', dimensions, of('unhealthy') + initial);
      this.putBoth(group, 'RequestCount', 0);
      this.putBoth(group, 'HTTPCode_Target_5XX_Count', 0);
    }
  }

  private putBoth(group: TargetGroup, name: string, value: number): void {
    this.put(name, this.whole, value);
    const dimensions = this.ofGroups.get(group);
    if (dimensions) this.put(name, dimensions, value);
  }

  private put(name: string, dimensions: Dimensions, value: number): void {
    this.parts.sink.put({ namespace: NAMESPACE, name, dimensions, value });
  }
}

/** The final part of an ARN, as dimensions have it: `app/NAME/ID`, `targetgroup/NAME/ID`. */
function fullName(arn: string, without: string): string {
  const resource = arn.split(':').slice(5).join(':');
  return resource.startsWith(without) ? resource.slice(without.length) : resource;
}
