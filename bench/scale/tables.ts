import { shown } from '../report/table.js';
import { DEFAULTS, type Inputs } from './inputs.js';
import type { Table } from '../report/layout.js';
import { databaseWays, monthly, total, type Prices } from './money.js';
import { needsOf, serviceMs, tasksFor, type Needs } from './needs.js';

const DOLLARS_A = 1e6;
const SECONDS_A_MONTH = 730 * 3600;
/** The rate at which single inputs are changed, and what they are changed to. */
const SENSITIVE_AT = 10_000;
const CHANGES: Partial<Inputs>[] = [
  {},
  { 'endpoint-ms': 50 },
  { 'endpoint-ms': 1_000 },
  { permits: 256 },
  { 'fan-out': 3 },
  { 'core-speed': 0.5 },
  { 'core-speed': 1 },
  { 'commit-ms': 10 },
  { payload: 3_000 },
  { 'retention-days': 30 },
  { 'log-share': 0.01 },
];

export function needsTable(all: readonly Needs[]): Table {
  const columns =
    'messages/s|tasks|by CPU|by permits|messages a commit|commits/s|statements a message|DB vCPUs|databases|each|connections';
  return {
    name: 'needs',
    title: 'tasks and databases',
    columns: columns.split('|'),
    rows: all.map((needs) => [
      count(needs.rate),
      count(needs.tasks),
      count(needs.byCpu),
      count(needs.byPermits),
      shown(needs.group),
      count(needs.transactions),
      shown(needs.statementsAMessage),
      shown(needs.databaseCores),
      count(needs.databases),
      needs.databaseClass,
      count(needs.connections),
    ]),
  };
}

export function dataTable(all: readonly Needs[], own: Inputs): Table {
  const days = `kept TB (${own['retention-days']} days)`;
  const columns = `messages/s|written MB/s|GB a day|IOPS of each|${days}|million queue requests|cache|cache GB|LCUs|TB out|TB through NAT|TB of log`;
  return {
    name: 'data',
    title: 'what is written and kept; and a month of queue, load balancer, network and log',
    columns: columns.split('|'),
    rows: all.map((needs) => [
      count(needs.rate),
      shown(needs.writtenMbASecond),
      count(needs.writtenMbASecond * 86.4),
      count(needs.iops),
      shown(needs.storageGb / 1000),
      shown(needs.queueRequests / 1e6),
      `${needs.cacheNodes} × ${needs.cacheType}`,
      shown(needs.cacheGb),
      shown(needs.lcus),
      shown(needs.egressGb / 1000),
      shown(needs.natGb / 1000),
      shown(needs.logGb / 1000),
    ]),
  };
}

export function moneyTable(all: readonly Needs[], own: Inputs, prices: Prices): Table {
  const parts = all.map((needs) => monthly(needs, own, prices));
  const line = (name: string, numbers: number[]) => [name, ...numbers.map(dollars)];
  return {
    name: 'money',
    title: 'US dollars a month (list prices, check with the calculator)',
    columns: ['', ...all.map(({ rate }) => `${count(rate)}/s`)],
    rows: [
      ...Object.keys(parts[0]!).map((name) =>
        line(
          name,
          parts.map((part) => part[name]!),
        ),
      ),
      line('all', parts.map(total)),
      line(
        'a million messages',
        parts.map((part, at) => aMillion(part, all[at]!.rate)),
      ),
    ],
  };
}

export function databaseTable(all: readonly Needs[], own: Inputs, prices: Prices): Table {
  const ways = all.map((needs) => databaseWays(needs, own, prices));
  return {
    name: 'databases',
    title: 'US dollars a month: databases and their storage, three ways',
    columns: ['', ...all.map(({ rate }) => `${count(rate)}/s`)],
    rows: Object.keys(ways[0]!).map((name) => [name, ...ways.map((way) => dollars(way[name]!))]),
  };
}

export function backlogTable(all: readonly Needs[], own: Inputs): Table {
  return {
    name: 'backlog',
    title: 'after an hour without deliveries, the backlog is gone after (at the same rate of new messages, capacity at 90 %)',
    columns: ['messages/s', 'backlog', 'minutes'],
    rows: all.map(({ rate, tasks }) => {
      const byCpu = (tasks * own['task-cores'] * 1000) / serviceMs(own);
      const byPermits = (tasks * own.permits * 1000) / own['endpoint-ms'] / own['fan-out'];
      const spare = Math.min(byCpu, byPermits) * 0.9 - rate;
      const waiting = rate * 3600;
      return [count(rate), count(waiting), spare > 0 ? shown(waiting / spare / 60) : 'never'];
    }),
  };
}

export function sensitivityTable(own: Inputs, prices: Prices): Table {
  return {
    name: 'sensitivity',
    title: `${count(SENSITIVE_AT)} messages/s, if one input is another`,
    columns: ['', 'tasks', 'by CPU', 'messages a commit', 'DB vCPUs', 'databases', 'dollars a month', 'a million messages'],
    rows: CHANGES.map((change) => {
      const inputs = { ...own, ...change };
      const needs = needsOf(SENSITIVE_AT, inputs);
      const parts = monthly(needs, inputs, prices);
      const name = Object.entries(change).map(([input, value]) => `${input} ${shown(value)}`);
      return [
        name[0] ?? 'as above',
        count(needs.tasks),
        count(tasksFor(SENSITIVE_AT, inputs).byCpu),
        shown(needs.group),
        shown(needs.databaseCores),
        count(needs.databases),
        dollars(total(parts)),
        dollars(aMillion(parts, SENSITIVE_AT)),
      ];
    }),
  };
}

/** The inputs as one line. */
export function inputsLine(own: Inputs): string {
  return (Object.keys(DEFAULTS) as (keyof Inputs)[]).map((name) => `${name} ${shown(own[name])}`).join(' · ');
}

function aMillion(parts: Record<string, number>, rate: number): number {
  return (total(parts) / (rate * SECONDS_A_MONTH)) * DOLLARS_A;
}

function count(number: number): string {
  return Math.round(number).toLocaleString('en');
}

function dollars(amount: number): string {
  return amount >= 100 ? count(amount) : amount.toFixed(2);
}
