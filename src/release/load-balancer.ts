import {
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  paginateDescribeRules,
  type Rule,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { sharesOf } from './listener-weights.js';
import { taskAddresses } from './task-address.js';

/** Which listener to ask about: that of the production traffic. `metadataUrl`: where this task learns its own address. */
export interface ReleaseSource {
  listenerArn: string;
  region: string;
  metadataUrl: string;
}

/** Two tries of a request, with the pause between them, fit into the time limit of the release gate. */
const REQUEST_LIMIT_MS = 1_800;
/** A task that is in none of the groups asks about the same groups only at every sixth question from then on: once a minute. */
const EAGER_SEARCHES = 6;

/**
 * Finds out which share of the production traffic the target group of this task gets. It keeps connections, the task's own address and its
 * target group, which never change. Loaded only if a listener is configured.
 *
 * Calls: the first answer takes one DescribeRules, and one DescribeTargetHealth for each group that the rules list (one or two). From then
 * on each answer takes one DescribeRules. 40 tasks in the middle of a release make 4 calls a second, 20 tasks between releases 2.
 * (They made 12 and 4 when each answer looked for the group again.) All callers in an account and region together may make 10 a second
 * over a longer time, and 40 at once: https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/elb-api-throttling.html.
 */
export class LoadBalancer {
  private readonly client: ElasticLoadBalancingV2Client;
  private addresses: readonly string[] | null = null;
  /** The ARN of the target group of this task, once it was found. A service registers a task with one group, for its whole life. */
  group: string | null = null;
  /** The groups and shares for which it was not found, and how often that was the answer. */
  private missed = { shares: '', times: 0 };

  constructor(private readonly source: ReleaseSource) {
    this.client = new ElasticLoadBalancingV2Client({
      region: source.region,
      maxAttempts: 2,
      retryMode: 'standard',
      requestHandler: {
        connectionTimeout: 1_000,
        requestTimeout: REQUEST_LIMIT_MS,
        throwOnRequestTimeout: true,
        socketTimeout: REQUEST_LIMIT_MS,
      },
    });
  }

  /** 0 to 1; 0 if the task is in none of the groups that the listener forwards to. Throws errors of the SDK or of the metadata endpoint. */
  async share(signal: AbortSignal): Promise<number> {
    this.addresses ??= await taskAddresses(this.source.metadataUrl, signal);
    const shares = sharesOf(await this.rules(signal));
    if (this.group !== null) return shares.get(this.group) ?? 0;
    const found = await this.groupsOfTask(shares, signal);
    if (found.length === 1) this.group = found[0]!;
    return Math.max(0, ...found.map((group) => shares.get(group)!));
  }

  close(): void {
    this.client.destroy();
  }

  /** All rules of the listener. Its default action is one of them. */
  private async rules(abortSignal: AbortSignal): Promise<Rule[]> {
    const rules: Rule[] = [];
    const pages = paginateDescribeRules({ client: this.client }, { ListenerArn: this.source.listenerArn }, { abortSignal });
    for await (const { Rules } of pages) rules.push(...(Rules ?? []));
    return rules;
  }

  /**
   * Which of the groups list this task. Groups with a share of 0 are asked about too, so that a new version knows its group before the shift.
   * A task that is in none is not registered yet, or is in a group that no rule forwards to. While nothing changes, it asks less often.
   */
  private async groupsOfTask(shares: Map<string, number>, signal: AbortSignal): Promise<string[]> {
    const key = JSON.stringify([...shares]);
    const times = this.missed.shares === key ? this.missed.times : 0;
    const isTurn = times < EAGER_SEARCHES || times % EAGER_SEARCHES === 0;
    const groups = isTurn ? [...shares.keys()] : [];
    const isMember = await Promise.all(groups.map((group) => this.isIn(group, signal)));
    this.missed = { shares: key, times: times + 1 };
    return groups.filter((_group, index) => isMember[index]);
  }

  /**
   * A target that is draining does not count: it may be an earlier task that had the address of this one. Any other target is this task,
   * because ECS deregisters a task before it gives up the address.
   * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html
   */
  private async isIn(group: string, abortSignal: AbortSignal): Promise<boolean> {
    const command = new DescribeTargetHealthCommand({ TargetGroupArn: group });
    const { TargetHealthDescriptions } = await this.client.send(command, { abortSignal });
    return (TargetHealthDescriptions ?? []).some(
      ({ Target, TargetHealth }) => this.addresses!.includes(Target?.Id ?? '') && TargetHealth?.State !== 'draining',
    );
  }
}
