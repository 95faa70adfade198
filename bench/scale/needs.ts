import { groupsByFormula, type GroupCommit } from './group-commit.js';
import type { Inputs } from './inputs.js';

const SECONDS_A_MONTH = 730 * 3600;
const DAY = 86_400;
/** src/ingest/group-commit.ts and src/ingest/ingest.ts. */
const COMMITS_IN_FLIGHT = 2;
const MAX_GROUP_SIZE = 100;
/** Two receives are open in each task, for 20 s if nothing comes; a probe asks for the queue's length every 3 s. */
const IDLE_REQUESTS_A_SECOND = 2 / 20 + 1 / 3;
/** Send, receive, delete. */
const CALLS_OF_A_TASK = 3;
/** What CloudWatch counts for a line besides its bytes. */
const LOG_OVERHEAD = 26;
const PAGE_KB = 16;
/** A load balancer's unit: new connections a second, GB an hour. */
const LCU = { connections: 25, gbAnHour: 1 };
const CACHE_TYPES = [
  ['cache.t4g.micro', 0.5],
  ['cache.t4g.medium', 3],
  ['cache.r7g.large', 13],
  ['cache.r7g.xlarge', 26],
] as const;
const DATABASE_VCPUS = [2, 4, 8, 16, 32, 48, 64];
const DATABASE_SIZES = ['', 'xlarge', '2xlarge', '4xlarge', '8xlarge', '12xlarge', '16xlarge'];

export interface Needs {
  rate: number;
  tasks: number;
  byCpu: number;
  byPermits: number;
  /** Messages of a group commit. */
  group: number;
  /** Of all databases, a second. */
  transactions: number;
  statementsAMessage: number;
  connections: number;
  /** vCPUs of all databases that keep `utilization`; how many databases, and what each is. */
  databaseCores: number;
  databases: number;
  databaseVcpu: number;
  databaseClass: string;
  /** Written by all databases. */
  writtenMbASecond: number;
  /** Of one database, a second. */
  iops: number;
  storageGb: number;
  /** From here on: a month. */
  queueRequests: number;
  egressGb: number;
  natGb: number;
  zoneGb: number;
  logGb: number;
  lcus: number;
  cacheGb: number;
  cacheType: (typeof CACHE_TYPES)[number][0];
  /** Primaries, and a replica of each. */
  cacheNodes: number;
}

export function needsOf(rate: number, own: Inputs): Needs {
  const count = tasksFor(rate, own);
  return { rate, ...count, ...databaseFor(rate, count.tasks, own), ...cacheFor(rate, own), ...trafficOf(rate, count.tasks, own) };
}

/** At least two, in two zones. */
export function tasksFor(rate: number, own: Inputs): { tasks: number; byCpu: number; byPermits: number } {
  const coreSeconds = (rate * serviceMs(own)) / 1000;
  const byCpu = Math.ceil(coreSeconds / (own['task-cores'] * own.utilization));
  // Little: as many sends are under way as arrive while one takes.
  const underWay = (rate * own['fan-out'] * own['endpoint-ms']) / 1000;
  const byPermits = Math.ceil(underWay / (own.permits * own['permit-share'] * own.utilization));
  return { tasks: Math.max(2, byCpu, byPermits), byCpu, byPermits };
}

/** CPU of a message in the cloud, all of its deliveries included. */
export function serviceMs(own: Inputs): number {
  return (own['service-ms'] * deliveriesFactor(own)) / own['core-speed'];
}

function deliveriesFactor(own: Inputs): number {
  return 1 + (own['fan-out'] - 1) * own['delivery-share'];
}

/** The batcher of one task for one database. */
export function batcherOf(rate: number, own: Inputs): GroupCommit {
  const [baseMs, rowMs] = [own['commit-ms'], own['commit-row-ms']];
  return { rate, inFlight: COMMITS_IN_FLIGHT, baseMs, rowMs, most: MAX_GROUP_SIZE };
}

/**
 * Groups form in each task for each database, so what a message costs depends on how many tasks and databases share the rate. More
 * databases make smaller groups, which need more databases: as many as it takes, beginning with those that hold the data.
 */
function databaseFor(rate: number, tasks: number, own: Inputs) {
  const bytes = own['message-bytes'] + own.payload + own['fan-out'] * own['delivery-bytes'];
  const storageGb = (rate * DAY * own['retention-days'] * bytes) / 1e9;
  let databases = Math.max(1, Math.ceil(storageGb / 1000 / own['database-tb']));
  let load = loadOf(rate, tasks, databases, own);
  while (load.databaseCores > databases * own['database-cores']) load = loadOf(rate, tasks, ++databases, own);
  const each = load.databaseCores / databases;
  const at = Math.max(
    0,
    DATABASE_VCPUS.findIndex((vcpu) => vcpu >= each),
  );
  const flushes = Math.min(load.transactions / databases, 1000 / own['flush-ms']);
  return {
    ...load,
    storageGb,
    databases,
    databaseVcpu: DATABASE_VCPUS[at]!,
    databaseClass: at === 0 ? 'db.m7g.large' : `db.r7g.${DATABASE_SIZES[at]}`,
    // The logs of InnoDB and of the replication are two files.
    iops: 2 * flushes + (load.writtenMbASecond * 1000) / PAGE_KB / databases,
    connections: tasks * own.pool,
  };
}

function loadOf(rate: number, tasks: number, databases: number, own: Inputs) {
  const each = rate / tasks / databases;
  const ingest = groupsByFormula(batcherOf(each, own)).size;
  const outcomes = groupsByFormula(batcherOf(each * own['fan-out'], own)).size;
  const transactionsAMessage = 1 / ingest + own['fan-out'] / outcomes;
  // What was measured held this much of transactions; the rest of it is what rows cost.
  const perMessage = (measured: number, ofTransaction: number) =>
    Math.max(0, measured - own['measured-transactions'] * ofTransaction) * deliveriesFactor(own) +
    transactionsAMessage * ofTransaction;
  const cpuMs = perMessage(own['database-ms'], own['transaction-ms']) / own['core-speed'];
  const kb = perMessage(own['database-kb'], own['transaction-kb']) + own['binlog-kb'] * deliveriesFactor(own);
  return {
    group: ingest,
    transactions: rate * transactionsAMessage,
    statementsAMessage: transactionsAMessage * own['transaction-statements'],
    databaseCores: (rate * cpuMs) / 1000 / own.utilization,
    writtenMbASecond: (rate * kb) / 1000,
  };
}

/** Redis works on one core: more of it is more primaries. */
function cacheFor(rate: number, own: Inputs): Pick<Needs, 'cacheGb' | 'cacheType' | 'cacheNodes'> {
  const cacheGb = (rate * own['key-seconds'] * own['key-bytes']) / 1e9;
  const cores = (rate * own['cache-ms']) / 1000 / own['core-speed'] / own.utilization;
  const largest = CACHE_TYPES.at(-1)!;
  const primaries = Math.max(1, Math.ceil(cores), Math.ceil(cacheGb / own.utilization / largest[1]));
  const [cacheType] = CACHE_TYPES.find(([, gb]) => gb * own.utilization >= cacheGb / primaries) ?? largest;
  return { cacheGb, cacheType, cacheNodes: primaries * 2 };
}

function trafficOf(rate: number, tasks: number, own: Inputs) {
  const messages = rate * SECONDS_A_MONTH;
  const sends = messages * own['fan-out'];
  const lineBytes = (messages + sends) * own['log-share'] * (own['log-bytes'] + LOG_OVERHEAD);
  const logGb = lineBytes / 1e9;
  const egressGb = (sends * (own.payload + own['send-bytes'])) / 1e9;
  const requestBytes = own.payload + own['request-bytes'];
  const group = groupsByFormula(batcherOf(rate / tasks, own)).size;
  const calls = Math.max(own['queue-calls'], (own['queue-share'] * CALLS_OF_A_TASK) / group);
  return {
    queueRequests: messages * calls + tasks * IDLE_REQUESTS_A_SECOND * SECONDS_A_MONTH,
    egressGb,
    logGb,
    // Answers come in through NAT, and logs go out through it.
    natGb: egressGb + (sends * own['answer-bytes']) / 1e9 + logGb,
    zoneGb: ((2 / 3) * messages * own['wire-bytes'] * deliveriesFactor(own)) / 1e9,
    lcus: Math.max(rate / own['requests-a-connection'] / LCU.connections, (rate * 3600 * requestBytes) / 1e9 / LCU.gbAnHour),
  };
}
