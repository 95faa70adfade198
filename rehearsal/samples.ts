import type { TrafficLog } from './alb/traffic-log.js';
import type { TargetGroup } from './alb/target-group.js';
import type { Recent } from './load/program.js';
import type { TargetState } from './model.js';
import { Processors } from './processors.js';

const EVERY_MS = 1_000;

/** What became of one target group in one real second. */
export interface ColourSample {
  /** Of the production listener. */
  weight: number;
  requests: number;
  /** Answers of targets by class: `2xx`. */
  answers: Record<string, number>;
  /** Answers of the load balancer in place of a target, by status. */
  refused: Record<string, number>;
  connectionErrors: number;
  /** Of the answers of targets. 0 if there were none. */
  p50Ms: number;
  p99Ms: number;
  targets: Partial<Record<TargetState, number>>;
  /** Webhooks that its tasks delivered to the receiver. */
  deliveries: number;
}

/** One real second. */
export interface Sample {
  /** Real ms since the rehearsal began, at its end. */
  at: number;
  /** In the order of the stage's groups. */
  colours: [ColourSample, ColourSample];
  /** Share of green (the second group) in the deliveries; null if there were none. */
  queueShare: number | null;
  /** The share of this second in which the processors of the machine had nothing to do. */
  idle: number;
  /** What the clients saw: tries that ended, and those that failed, by outcome. */
  load: Recent;
}

/** What is looked at. */
export interface Sampled {
  groups: readonly [TargetGroup, TargetGroup];
  weights(): ReadonlyMap<string, number>;
  /** The target group of a task's address; null if it is not known. */
  groupOf(address: string): string | null;
  recent(): Promise<Recent>;
  now(): number;
}

/** Takes a sample each second. It is a log of the load balancer too. */
export class Samples implements TrafficLog {
  readonly all: Sample[] = [];
  private readonly listeners: ((sample: Sample) => void)[] = [];
  private counts = new Map<TargetGroup, Counting>();
  private timer: NodeJS.Timeout | undefined;
  private readonly processors = new Processors();

  start(sampled: Sampled): void {
    this.timer = setInterval(() => void this.take(sampled), EVERY_MS);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** `listener` is called with each new sample. */
  onSample(listener: (sample: Sample) => void): void {
    this.listeners.push(listener);
  }

  chosen(group: TargetGroup): void {
    this.of(group).requests++;
  }

  answered(group: TargetGroup, status: number, seconds: number): void {
    const counting = this.of(group);
    add(counting.answers, `${Math.floor(status / 100)}xx`);
    counting.ms.push(seconds * 1_000);
  }

  unconnected(group: TargetGroup): void {
    this.of(group).connectionErrors++;
  }

  refused(group: TargetGroup | null, status: number): void {
    if (group) add(this.of(group).refused, String(status));
  }

  rejected(): void {}

  private async take(sampled: Sampled): Promise<void> {
    // The load's process may have ended between two turns of the timer.
    const load = await sampled.recent().catch(() => null);
    if (!load) return;
    const idle = this.processors.takeIdle();
    const counts = this.counts;
    this.counts = new Map();
    const deliveries = new Map<string | null, number>();
    for (const [address, times] of load.deliveries) {
      const arn = sampled.groupOf(address);
      deliveries.set(arn, (deliveries.get(arn) ?? 0) + times);
    }
    const colours = sampled.groups.map((group) =>
      colourOf(group, counts.get(group) ?? none(), {
        weight: sampled.weights().get(group.settings.arn) ?? 0,
        deliveries: deliveries.get(group.settings.arn) ?? 0,
      }),
    ) as [ColourSample, ColourSample];
    const all = colours[0].deliveries + colours[1].deliveries;
    const queueShare = all === 0 ? null : colours[1].deliveries / all;
    const sample = { at: sampled.now(), colours, queueShare, idle, load };
    this.all.push(sample);
    for (const listener of this.listeners) listener(sample);
  }

  private of(group: TargetGroup): Counting {
    const found = this.counts.get(group) ?? none();
    this.counts.set(group, found);
    return found;
  }
}

type Counting = Pick<ColourSample, 'requests' | 'answers' | 'refused' | 'connectionErrors'> & { ms: number[] };

function none(): Counting {
  return { requests: 0, answers: {}, refused: {}, connectionErrors: 0, ms: [] };
}

function colourOf(
  group: TargetGroup,
  { ms, ...counted }: Counting,
  more: Pick<ColourSample, 'weight' | 'deliveries'>,
): ColourSample {
  const targets: ColourSample['targets'] = {};
  for (const { state } of group.health()) targets[state] = (targets[state] ?? 0) + 1;
  const sorted = ms.toSorted((a, b) => a - b);
  const [p50Ms, p99Ms] = [0.5, 0.99].map((part) => sorted[Math.floor(sorted.length * part)] ?? 0) as [number, number];
  return { ...counted, ...more, p50Ms, p99Ms, targets };
}

function add(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}
