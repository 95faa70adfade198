import type { Clock, Journal } from '../model.js';
import type { Images, Secrets } from './container.js';
import type { HealthCheckFloors } from './health-check.js';
import type { MetadataServer } from './metadata.js';
import type { Runner } from './runner.js';

/** How long the steps of a task take; ms on AWS, through clock.seconds. AWS documents none of them. */
export interface TaskDelays {
  /** Assumption: a network interface takes about 10 s. */
  provisioningMs: number;
  /** Assumption: an image of this size is pulled in about 15 s. */
  pullMs: number;
  /** Assumption: from the start of the container to RUNNING it takes about 1 s, in which the target is registered. */
  activatingMs: number;
  /**
   * Real ms, not through the clock. A program takes as long to start here as on AWS, or longer, where everything else takes longer there:
   * health checks and alarms would meet a task that starts for minutes. So it starts while its image would still be pulled, and the pull
   * ends when it accepts connections, after so long at the latest.
   */
  bootMs: number;
  /** Assumption: a network interface is given back in about 10 s. */
  deprovisioningMs: number;
}

export const USUAL_DELAYS: TaskDelays = {
  provisioningMs: 10_000,
  pullMs: 15_000,
  activatingMs: 1_000,
  bootMs: 20_000,
  deprovisioningMs: 10_000,
};

/** For tasks that were there before anything is played. */
export const NO_DELAYS: TaskDelays = { ...USUAL_DELAYS, provisioningMs: 0, pullMs: 0, activatingMs: 0 };

/** Real ms: a check of the project takes up to 3 s, and each is a process of Node, which takes a quarter of a second of CPU to start. */
export const USUAL_FLOORS: HealthCheckFloors = { intervalMs: 20_000, firstMs: 2_000, timeoutMs: 5_000 };

/** What all tasks have in common. */
export interface Platform {
  clock: Clock;
  journal: Journal;
  /** What runs the tasks' containers. */
  processes: Runner;
  metadata: MetadataServer;
  images: Images;
  secrets: Secrets;
  region: string;
  account: string;
  cluster: string;
  service: string;
  /** What leads a task to the parts of AWS that the rehearsal plays, such as AWS_ENDPOINT_URL and credentials. */
  environment: Readonly<Record<string, string>>;
  delays: TaskDelays;
  healthFloors: HealthCheckFloors;
  /** Lines of its log that a task keeps. */
  keptLines: number;
  /** Aborts when the rehearsal ends: nothing waits any more. */
  ended: AbortSignal;
}

/** `kind/rest` in the account and region of the platform. */
export function ecsArn({ region, account }: Pick<Platform, 'region' | 'account'>, resource: string): string {
  return `arn:aws:ecs:${region}:${account}:${resource}`;
}
