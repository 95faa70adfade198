import type { Needs } from './needs.js';
import type { Inputs } from './inputs.js';

/**
 * US dollars in us-east-1: list prices without any discount or free tier, check with the calculator (https://calculator.aws).
 * Each can be given by its name: `--usd-log-gb 0.25`.
 */
export const PRICES = {
  /** Fargate on ARM, Linux: an hour of a vCPU, and of a GB. List price, check with the calculator. */
  'usd-task-vcpu': 0.03238,
  'usd-task-gb': 0.00356,
  /** RDS for MySQL, an hour of an instance, by vCPU: `m7g` for 2, `r7g` for more. In two zones it is twice that. List price, check. */
  'usd-m7g-vcpu': 0.0843,
  'usd-r7g-vcpu': 0.1195,
  /** RDS: a GB of gp3 a month in two zones, and an operation a second above what is included. List price, check. */
  'usd-storage-gb': 0.23,
  'usd-iops': 0.04,
  /** Aurora: an hour of a vCPU, a GB a month and a million writes (Standard); a vCPU and a GB (I/O-Optimized). List price, check. */
  'usd-aurora-vcpu': 0.138,
  'usd-aurora-gb': 0.1,
  'usd-aurora-million': 0.2,
  'usd-aurora-io-vcpu': 0.18,
  'usd-aurora-io-gb': 0.225,
  /** SQS: a million requests, with what fair queues (a message group on a standard queue) cost more. List price, check. */
  'usd-queue-million': 0.5,
  /** ElastiCache for Valkey: an hour of a node. List price, check. */
  'usd-cache.t4g.micro': 0.0128,
  'usd-cache.t4g.medium': 0.052,
  'usd-cache.r7g.large': 0.1752,
  'usd-cache.r7g.xlarge': 0.3496,
  /** Load balancer: an hour of it, and of a unit (LCU). List price, check. */
  'usd-alb': 0.0225,
  'usd-lcu': 0.008,
  /** NAT: an hour of a gateway, of which there are three, and a GB through it. List price, check. */
  'usd-nat': 0.045,
  'usd-nat-gb': 0.045,
  /** A GB to the internet: the first 10 TB of a month, the next 40, the next 100, the rest. List price, check. */
  'usd-out-gb-first': 0.09,
  'usd-out-gb-second': 0.085,
  'usd-out-gb-third': 0.07,
  'usd-out-gb-rest': 0.05,
  /** A GB from one zone to another: once at each end. List price, check. */
  'usd-zone-gb': 0.02,
  /** CloudWatch Logs: a GB taken in, and a GB kept for a month, compressed. List price, check. */
  'usd-log-gb': 0.5,
  'usd-log-kept-gb': 0.03,
  /** The rest, a month, whatever the rate: addresses, secrets, metrics, alarms, pipeline. As in infra/lib/settings.ts, size medium. */
  'usd-rest': 92,
};
export type Prices = typeof PRICES;

export const HOURS = 730;
const NAT_GATEWAYS = 3;
const LOG_COMPRESSED = 0.15;
/** Included in the price of gp3 from 400 GB on. */
const FREE_IOPS = 12_000;
const MILLION = 1e6;

/** Dollars a month, by part. */
export function monthly(needs: Needs, own: Inputs, usd: Prices): Record<string, number> {
  const instances = needs.databases * needs.databaseVcpu * 2;
  return {
    tasks: needs.tasks * HOURS * (own['task-vcpu'] * usd['usd-task-vcpu'] + own['task-gb'] * usd['usd-task-gb']),
    database: instances * HOURS * usd[needs.databaseVcpu > 2 ? 'usd-r7g-vcpu' : 'usd-m7g-vcpu'],
    'its storage': needs.storageGb * usd['usd-storage-gb'] + moreIops(needs) * usd['usd-iops'],
    queue: (needs.queueRequests / MILLION) * usd['usd-queue-million'],
    cache: needs.cacheNodes * HOURS * usd[`usd-${needs.cacheType}`],
    'load balancer': HOURS * (usd['usd-alb'] + needs.lcus * usd['usd-lcu']),
    NAT: NAT_GATEWAYS * HOURS * usd['usd-nat'] + needs.natGb * usd['usd-nat-gb'],
    'to the internet': egress(needs.egressGb, usd),
    'between zones': needs.zoneGb * usd['usd-zone-gb'],
    logs: needs.logGb * (usd['usd-log-gb'] + LOG_COMPRESSED * usd['usd-log-kept-gb']),
    rest: usd['usd-rest'],
  };
}

/** Dollars a month of the databases alone, with their storage: RDS in two zones, and Aurora with one reader, in both of its ways. */
export function databaseWays(needs: Needs, own: Inputs, usd: Prices): Record<string, number> {
  const rds = monthly(needs, own, usd);
  const instanceHours = needs.databases * needs.databaseVcpu * 2 * HOURS;
  const writes = (needs.iops * needs.databases * HOURS * 3600) / MILLION;
  return {
    'RDS in two zones': rds.database! + rds['its storage']!,
    'Aurora Standard':
      instanceHours * usd['usd-aurora-vcpu'] + needs.storageGb * usd['usd-aurora-gb'] + writes * usd['usd-aurora-million'],
    'Aurora I/O-Optimized': instanceHours * usd['usd-aurora-io-vcpu'] + needs.storageGb * usd['usd-aurora-io-gb'],
  };
}

export function total(parts: Record<string, number>): number {
  return Object.values(parts).reduce((sum, part) => sum + part, 0);
}

function moreIops({ iops, databases }: Needs): number {
  return databases * Math.max(0, iops - FREE_IOPS);
}

/** Each price holds for a part of the month's GB. */
function egress(gb: number, usd: Prices): number {
  const parts: [upTo: number, price: number][] = [
    [10_000, usd['usd-out-gb-first']],
    [50_000, usd['usd-out-gb-second']],
    [150_000, usd['usd-out-gb-third']],
    [Infinity, usd['usd-out-gb-rest']],
  ];
  let from = 0;
  let sum = 0;
  for (const [upTo, price] of parts) {
    sum += Math.max(0, Math.min(gb, upTo) - from) * price;
    from = upTo;
  }
  return sum;
}
