import { get } from 'node:http';
import type { Clock, Target } from '../model.js';
import type { Member, TargetGroup } from './target-group.js';
import type { Outcome } from './target-states.js';

const HTTP_PORT = 80;

/**
 * Asks the registered targets of a group how they are: each at once, and then every interval, however long the answer takes.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
 * A group is checked whatever its weight: the listener's rule names it.
 *
 * Assumption: one node checks. On AWS each node of the load balancer does, at least two, with counts of its own.
 * Assumption: a target that is draining is checked no more.
 */
export class HealthChecks {
  private readonly group: TargetGroup;
  private readonly clock: Clock;
  private readonly accepts: (status: number) => boolean;
  private readonly timers = new Map<Member, NodeJS.Timeout>();
  private stopped = false;

  constructor(group: TargetGroup, clock: Clock) {
    this.group = group;
    this.clock = clock;
    this.accepts = matcherOf(group.settings.matcher);
  }

  start(): void {
    this.group.watch({ joined: (member) => this.begin(member), left: (member) => this.end(member) });
  }

  stop(): void {
    this.stopped = true;
    for (const member of this.timers.keys()) this.end(member);
  }

  private begin(member: Member): void {
    if (this.stopped) return;
    const check = () => void this.check(member);
    this.timers.set(member, setInterval(check, this.clock.seconds(this.group.settings.intervalMs)));
    check();
  }

  private end(member: Member): void {
    clearInterval(this.timers.get(member));
    this.timers.delete(member);
  }

  private async check(member: Member): Promise<void> {
    const { healthPath, timeoutMs } = this.group.settings;
    const outcome = await probe(member.target, healthPath, this.accepts, this.clock.seconds(timeoutMs));
    if (this.timers.has(member)) this.group.judge(member, outcome);
  }
}

/**
 * One health check, on a connection of its own. The host is the target's address, with the port unless it is the default one.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html#target-not-inservice
 * A connection that is not made in time is a failed check, not a timeout.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetHealth.html
 */
export function probe(
  { id, port }: Target,
  path: string,
  accepts: (status: number) => boolean,
  timeoutMs: number,
): Promise<Outcome> {
  return new Promise((resolve) => {
    let connected = false;
    const host = port === HTTP_PORT ? id : `${id}:${port}`;
    const headers = { Host: host, Connection: 'close', 'User-Agent': 'ELB-HealthChecker/2.0' };
    const request = get({ host: id, port, path, agent: false, headers });
    const timer = setTimeout(() => {
      resolve(connected ? 'timeout' : 'failed');
      request.destroy();
    }, timeoutMs);
    request.once('socket', (socket) => socket.once('connect', () => (connected = true)));
    request.once('response', (answer) => {
      resolve(accepts(answer.statusCode ?? 0) ? 'passed' : 'mismatch');
      answer.on('error', () => {}).resume();
    });
    request.on('error', () => resolve('failed'));
    request.once('close', () => clearTimeout(timer));
  });
}

/**
 * Whether a status is among those of a matcher: `200`, `200-299`, `200,202`. Throws on any other form.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Matcher.html
 */
export function matcherOf(matcher: string): (status: number) => boolean {
  const ranges = matcher.split(',').map((part) => {
    const [, from, to] = /^(\d{3})(?:-(\d{3}))?$/.exec(part.trim()) ?? [];
    if (!from) throw new Error(`Not a matcher: ${matcher}`);
    return { from: Number(from), to: Number(to ?? from) };
  });
  return (status) => ranges.some(({ from, to }) => status >= from && status <= to);
}
