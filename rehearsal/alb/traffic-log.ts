import type { TargetGroup } from './target-group.js';

/** Told what becomes of requests. */
export interface TrafficLog {
  /** A target was chosen for a request. */
  chosen(group: TargetGroup): void;
  /** A target began to answer, so many seconds after the request was sent. */
  answered(group: TargetGroup, status: number, seconds: number): void;
  /** A connection to a target was not made. */
  unconnected(group: TargetGroup): void;
  /** The load balancer answered by itself, or would have if the client was still there. Null: no group was chosen. */
  refused(group: TargetGroup | null, status: number): void;
  /** A client's connection was rejected, because there are too many. */
  rejected(): void;
}

/** What became of a group's requests since the start. */
export interface GroupCounts {
  /** For which a target was chosen. */
  requests: number;
  /** Answers of targets by class: `2xx`. */
  answers: Record<string, number>;
  /** Answers of the load balancer by status. */
  refused: Record<number, number>;
  /** Connections to targets that were not made. */
  connectionErrors: number;
}

/** Tells several logs. */
export function toAll(...logs: readonly TrafficLog[]): TrafficLog {
  return {
    chosen: (group) => logs.forEach((log) => log.chosen(group)),
    answered: (group, status, seconds) => logs.forEach((log) => log.answered(group, status, seconds)),
    unconnected: (group) => logs.forEach((log) => log.unconnected(group)),
    refused: (group, status) => logs.forEach((log) => log.refused(group, status)),
    rejected: () => logs.forEach((log) => log.rejected()),
  };
}

/** Counts for a display. */
export class Counts implements TrafficLog {
  private readonly groups: Map<TargetGroup | null, GroupCounts>;
  private rejections = 0;

  constructor(groups: readonly TargetGroup[]) {
    this.groups = new Map([null, ...groups].map((group) => [group, none()]));
  }

  /** By ARN of the group. */
  ofGroups(): ReadonlyMap<string, GroupCounts> {
    const known = [...this.groups].flatMap(([group, counts]) => (group ? [[group.settings.arn, counts] as const] : []));
    return new Map(known.map(([arn, counts]) => [arn, structuredClone(counts)]));
  }

  /** Answers by status to requests for which no group was chosen, and connections that were rejected. */
  ofLoadBalancer(): { refused: Record<number, number>; rejected: number } {
    return { refused: { ...this.of(null).refused }, rejected: this.rejections };
  }

  chosen(group: TargetGroup): void {
    this.of(group).requests += 1;
  }

  answered(group: TargetGroup, status: number): void {
    const { answers } = this.of(group);
    const kind = `${Math.floor(status / 100)}xx`;
    answers[kind] = (answers[kind] ?? 0) + 1;
  }

  unconnected(group: TargetGroup): void {
    this.of(group).connectionErrors += 1;
  }

  refused(group: TargetGroup | null, status: number): void {
    const { refused } = this.of(group);
    refused[status] = (refused[status] ?? 0) + 1;
  }

  rejected(): void {
    this.rejections += 1;
  }

  private of(group: TargetGroup | null): GroupCounts {
    const counts = this.groups.get(group);
    if (!counts) throw new Error(`Not a target group of this load balancer: ${group?.settings.arn}`);
    return counts;
  }
}

function none(): GroupCounts {
  return { requests: 0, answers: {}, refused: {}, connectionErrors: 0 };
}
