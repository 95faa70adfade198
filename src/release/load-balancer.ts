import {
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  paginateDescribeRules,
  type Rule,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { sharesOf } from './listener-weights.js';
import { taskAddresses } from './task-address.js';

/** Where to ask: the listener that production traffic comes through, and who this task is. */
export interface ReleaseSource {
  listenerArn: string;
  region: string;
  metadataUrl: string;
}

/** Two of these, and the pause between them, fit into the time that the gate gives an answer. */
const REQUEST_LIMIT_MS = 1_800;

/**
 * Tells which share of the production traffic this task's target group gets. Holds nothing but connections and the task's own
 * address, which stays the same for its life. Loaded only where a listener is configured.
 */
export class LoadBalancer {
  private readonly client: ElasticLoadBalancingV2Client;
  private addresses: readonly string[] | null = null;

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

  /** 0 to 1; 0 too if the task is in no group that the listener forwards to. Throws what the SDK or the metadata endpoint throws. */
  async share(signal: AbortSignal): Promise<number> {
    this.addresses ??= await taskAddresses(this.source.metadataUrl, signal);
    const listed = [...sharesOf(await this.rules(signal))].filter(([, share]) => share > 0);
    const found = await Promise.all(listed.map(async ([group, share]) => ((await this.isIn(group, signal)) ? share : 0)));
    return Math.max(0, ...found);
  }

  close(): void {
    this.client.destroy();
  }

  /** All rules of the listener: its default action is among them. */
  private async rules(abortSignal: AbortSignal): Promise<Rule[]> {
    const rules: Rule[] = [];
    const pages = paginateDescribeRules({ client: this.client }, { ListenerArn: this.source.listenerArn }, { abortSignal });
    for await (const { Rules } of pages) rules.push(...(Rules ?? []));
    return rules;
  }

  /** A target that drains doesn't count: it may be a task before us, whose address we were given. */
  private async isIn(group: string, abortSignal: AbortSignal): Promise<boolean> {
    const command = new DescribeTargetHealthCommand({ TargetGroupArn: group });
    const { TargetHealthDescriptions } = await this.client.send(command, { abortSignal });
    return (TargetHealthDescriptions ?? []).some(
      ({ Target, TargetHealth }) => this.addresses!.includes(Target?.Id ?? '') && TargetHealth?.State !== 'draining',
    );
  }
}
