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

/**
 * Finds out which share of the production traffic the target group of this task gets. It keeps only connections and the task's own
 * address, which never changes. Loaded only if a listener is configured.
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

  /** 0 to 1; 0 if the task is in none of the groups that the listener forwards to. Throws errors of the SDK or of the metadata endpoint. */
  async share(signal: AbortSignal): Promise<number> {
    this.addresses ??= await taskAddresses(this.source.metadataUrl, signal);
    const listed = [...sharesOf(await this.rules(signal))].filter(([, share]) => share > 0);
    const found = await Promise.all(listed.map(async ([group, share]) => ((await this.isIn(group, signal)) ? share : 0)));
    return Math.max(0, ...found);
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

  /** A target that is draining does not count: it may be an earlier task that had the address of this one. */
  private async isIn(group: string, abortSignal: AbortSignal): Promise<boolean> {
    const command = new DescribeTargetHealthCommand({ TargetGroupArn: group });
    const { TargetHealthDescriptions } = await this.client.send(command, { abortSignal });
    return (TargetHealthDescriptions ?? []).some(
      ({ Target, TargetHealth }) => this.addresses!.includes(Target?.Id ?? '') && TargetHealth?.State !== 'draining',
    );
  }
}
