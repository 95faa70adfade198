import type { Clock, Journal, Listener, MetricSink, Weights } from '../model.js';
import { AlbMetrics } from './alb-metrics.js';
import { Connections, type HangUp } from './connections.js';
import { Exchange, type Route, type Visit } from './forward.js';
import { HealthChecks } from './health-checks.js';
import { HttpListener, type ListenerPlan } from './listener.js';
import { answer, refusalOf } from './own-answers.js';
import { limitsOf, type GivenSettings, type Limits } from './settings.js';
import type { TargetGroup } from './target-group.js';
import { Counts, toAll, type GroupCounts, type TrafficLog } from './traffic-log.js';
import { pick } from './weights.js';

/** What a load balancer is made of. */
export interface LoadBalancerParts {
  arn: string;
  /** All groups that a listener may forward to. Each is checked, whatever its weight. */
  groups: readonly TargetGroup[];
  listeners: { production: ListenerPlan; test: ListenerPlan };
  clock: Clock;
  journal: Journal;
  sink: MetricSink;
  /** Told what becomes of requests, besides the metrics. */
  log?: TrafficLog;
  settings?: GivenSettings;
}

/**
 * An Application Load Balancer with two listeners: one for clients, one to try a release. Both are plain HTTP/1; WebSockets, stickiness and
 * slow start are left out, because the service has none of them.
 *
 * Assumption: one node, so there is one view of the targets, and new weights count at once.
 */
export class LoadBalancer {
  readonly production: Listener & { readonly url: string };
  readonly test: Listener & { readonly url: string };
  private readonly limits: Limits;
  private readonly groups: ReadonlyMap<string, TargetGroup>;
  private readonly listeners: readonly HttpListener[];
  private readonly checks: readonly HealthChecks[];
  private readonly metrics: AlbMetrics;
  private readonly counted: Counts;
  private readonly route: Route;

  constructor(parts: LoadBalancerParts) {
    const { arn, groups, clock, sink } = parts;
    this.limits = limitsOf(parts.settings ?? {}, clock);
    this.groups = new Map(groups.map((group) => [group.settings.arn, group]));
    this.checks = groups.map((group) => new HealthChecks(group, clock));
    const { reportEveryMs, countsInitialAsUnhealthy } = this.limits.assumed;
    this.metrics = new AlbMetrics({ arn, groups, clock, sink, reportEveryMs, countsInitialAsUnhealthy });
    this.counted = new Counts(groups);
    const log = toAll(this.counted, this.metrics, ...(parts.log ? [parts.log] : []));
    const hangUp: HangUp = ({ key }, idleMs) => parts.journal.note('alb', key, 'target hung up', { idleMs: Math.round(idleMs) });
    this.route = { limits: this.limits, connections: new Connections(this.limits.idleTimeoutMs, hangUp), log };
    const production = this.createListener(parts.listeners.production, parts.journal, log);
    const test = this.createListener(parts.listeners.test, parts.journal, log);
    this.production = production;
    this.test = test;
    this.listeners = [production, test];
  }

  /** Listens, checks the targets that are registered now or later, and reports on them. */
  async start(): Promise<void> {
    await Promise.all(this.listeners.map((listener) => listener.start()));
    for (const checks of this.checks) checks.start();
    this.metrics.start();
  }

  /** Cuts what is under way. */
  async close(): Promise<void> {
    for (const checks of this.checks) checks.stop();
    this.metrics.stop();
    await Promise.all(this.listeners.map((listener) => listener.close()));
    this.route.connections.close();
  }

  /** What became of requests since the start, by ARN of the target group. */
  counts(): ReadonlyMap<string, GroupCounts> {
    return this.counted.ofGroups();
  }

  /** Answers by status to requests for which no group was chosen, and connections that were rejected. */
  ownCounts(): { refused: Record<number, number>; rejected: number } {
    return this.counted.ofLoadBalancer();
  }

  private createListener(plan: ListenerPlan, journal: Journal, log: TrafficLog): HttpListener {
    const groups = new Set(this.groups.keys());
    const serve = (visit: Visit, weights: Weights) => this.serve(visit, weights);
    return new HttpListener({ plan, groups, limits: this.limits, journal, log, serve });
  }

  private serve(visit: Visit, weights: Weights): void {
    const refused = refusalOf(visit.request);
    if (refused !== null) return this.refuse(visit, refused);
    const arn = pick(weights, Math.random());
    const group = arn === null ? undefined : this.groups.get(arn);
    if (!group) return this.refuse(visit, this.limits.assumed.statusWithoutWeight);
    new Exchange(visit, group, this.route).start();
  }

  private refuse({ response, closes }: Visit, status: number): void {
    this.route.log.refused(null, status);
    answer(response, status, closes);
  }
}
