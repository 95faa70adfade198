export type SizeName = 'small' | 'medium' | 'large';

/** How big an installation is. */
export interface Size {
  /** CPU units and MiB of a task: a pair that Fargate has. */
  cpu: number;
  memory: number;
  tasks: { min: number; max: number };
  /** DATABASE_POOL_SIZE; times the most tasks, times two for blue and green, it stays below `database.maxConnections`. */
  poolSize: number;
  deliveryConcurrency: number;
  natGateways: number;
  database: { instanceClass: string; maxConnections: number; multiAz: boolean; storageGb: number; backupDays: number };
  cache: { nodeType: string; nodes: number };
  /** CPU and memory of the tasks, requests a minute that one of them is meant to take, and queued tasks that it may find waiting, before another is started. */
  scaling: { cpuPercent: number; memoryPercent: number; requestsPerTask: number; backlogPerTask: number };
  /** US dollars a month, by what they are for; list prices of us-east-1 with little traffic, rounded. */
  monthlyUsd: Record<string, number>;
}

/** Tasks that the service is made with. The same for each size: from then on their number is the autoscaling's. */
export const INITIAL_TASKS = 2;

export const sizes: Record<SizeName, Size> = {
  small: {
    cpu: 512,
    memory: 1024,
    tasks: { min: 2, max: 4 },
    poolSize: 20,
    deliveryConcurrency: 512,
    natGateways: 1,
    database: { instanceClass: 't4g.medium', maxConnections: 300, multiAz: false, storageGb: 50, backupDays: 7 },
    cache: { nodeType: 'cache.t4g.micro', nodes: 1 },
    scaling: { cpuPercent: 60, memoryPercent: 75, requestsPerTask: 9_000, backlogPerTask: 500 },
    monthlyUsd: {
      'tasks: 2 × (0.5 vCPU, 1 GB), ARM': 29,
      'load balancer': 23,
      'NAT gateway: 1': 38,
      'public addresses: 4': 15,
      'database: db.t4g.medium, 50 GB': 54,
      'cache: 1 × cache.t4g.micro': 10,
      'secrets: 12': 5,
      'logs, metrics, alarms': 35,
      'pipeline and builds': 6,
    },
  },
  medium: {
    cpu: 1024,
    memory: 2048,
    tasks: { min: 3, max: 8 },
    poolSize: 30,
    deliveryConcurrency: 1024,
    natGateways: 2,
    database: { instanceClass: 'm7g.large', maxConnections: 600, multiAz: true, storageGb: 100, backupDays: 14 },
    cache: { nodeType: 'cache.t4g.medium', nodes: 2 },
    scaling: { cpuPercent: 60, memoryPercent: 75, requestsPerTask: 20_000, backlogPerTask: 1_000 },
    monthlyUsd: {
      'tasks: 3 × (1 vCPU, 2 GB), ARM': 87,
      'load balancer': 30,
      'NAT gateways: 2': 80,
      'public addresses: 5': 18,
      'database: db.m7g.large in two zones, 100 GB': 269,
      'cache: 2 × cache.t4g.medium': 76,
      'secrets: 12': 5,
      'logs, metrics, alarms': 60,
      'pipeline and builds': 10,
    },
  },
  large: {
    // Node runs on one core: more tasks, not more cores a task.
    cpu: 1024,
    memory: 4096,
    tasks: { min: 4, max: 20 },
    poolSize: 40,
    deliveryConcurrency: 1024,
    natGateways: 3,
    database: { instanceClass: 'r7g.xlarge', maxConnections: 2000, multiAz: true, storageGb: 500, backupDays: 35 },
    cache: { nodeType: 'cache.r7g.large', nodes: 2 },
    scaling: { cpuPercent: 60, memoryPercent: 75, requestsPerTask: 20_000, backlogPerTask: 1_000 },
    monthlyUsd: {
      'tasks: 4 × (1 vCPU, 4 GB), ARM': 137,
      'load balancer': 60,
      'NAT gateways: 3': 130,
      'public addresses: 6': 22,
      'database: db.r7g.xlarge in two zones, 500 GB': 813,
      'cache: 2 × cache.r7g.large': 256,
      'secrets: 12': 5,
      'logs, metrics, alarms': 150,
      'pipeline and builds': 15,
    },
  },
};

/** US dollars a month of an installation of this size. */
export function monthlyUsd(size: Size): number {
  return Object.values(size.monthlyUsd).reduce((sum, part) => sum + part, 0);
}
