import { shown } from '../report/table.js';
import { groupsByFormula, simulateGroups } from './group-commit.js';
import type { Inputs } from './inputs.js';
import type { Table } from '../report/layout.js';
import { batcherOf, serviceMs, type Needs } from './needs.js';
import { meanWait, simulate, type Station } from './queueing.js';

const ARRIVALS = 300_000;
/** A formula that is further off the simulation is not to be used. */
const MAX_DEVIATION = 0.2;
/** Waits below this share of the serving time are none, and their ratio is chance. */
const NOTHING = 0.01;

/** Where a formula and its simulation were compared. */
export interface Checked {
  what: string;
  formula: number;
  simulated: number;
}

/** Only those that disagree, as sentences. */
export function disagreements(all: readonly Checked[]): string[] {
  return all.flatMap((checked) => {
    const off = offBy(checked);
    if (Math.abs(off) <= MAX_DEVIATION) return [];
    return [`${checked.what}: ${shown(checked.formula)} by formula, ${shown(checked.simulated)} simulated (${percent(off)})`];
  });
}

/** What waits where: for a task's CPU, and for its permits. */
export function waitsTable(all: readonly Needs[], own: Inputs, checks: Checked[]): Table {
  const rows = all.map(({ rate, tasks }) => {
    const label = rate.toLocaleString('en');
    const cpu = waits(`${label}/s, wait for the CPU in ms`, cpuStation(rate / tasks, own), checks);
    const permits = Math.floor(own.permits * own['permit-share']);
    const sends = { rate: (rate * own['fan-out']) / tasks, servers: permits, serviceMs: own['endpoint-ms'] };
    return [label, ...cpu, ...waits(`${label}/s, wait for a permit in ms`, { ...sends, spread: own['endpoint-spread'] }, checks)];
  });
  const each = (of: string) => [`${of} used`, 'wait ms, formula', 'simulated', 'off', 'p99 ms', 'waiting', 'at most'];
  return {
    name: 'waits',
    title: 'waiting in a task, for its CPU and for its permits',
    columns: ['messages/s', ...each('CPU'), ...each('permits')],
    rows,
  };
}

/** How large the groups of a task become, and what that takes. */
export function groupsTable(own: Inputs, rates: readonly number[], checks: Checked[]): Table {
  const rows = rates.map((rate) => {
    const label = rate.toLocaleString('en');
    const formula = groupsByFormula(batcherOf(rate, own));
    const simulated = simulateGroups(batcherOf(rate, own), own['commit-spread'], ARRIVALS / 3);
    const size = { what: `${label}/s in a process, messages of a commit`, formula: formula.size, simulated: simulated.size };
    const latency = {
      what: `${label}/s in a process, ms to the commit`,
      formula: formula.latencyMs,
      simulated: simulated.latencyMs,
    };
    checks.push(size, latency);
    return [
      label,
      ...[formula.size, simulated.size].map(shown),
      percent(offBy(size)),
      shown((2 * own['transaction-statements']) / simulated.size),
      ...[formula.latencyMs, simulated.latencyMs].map(shown),
      percent(offBy(latency)),
      shown(simulated.p99Ms),
    ];
  });
  const columns = ['messages/s', 'a commit, formula', 'simulated', 'off', 'statements a message'];
  return {
    name: 'groups',
    title: 'group commit of one process: messages of a commit, and ms from the arrival to its end',
    columns: [...columns, 'ms, formula', 'simulated', 'off', 'p99 ms'],
    rows,
  };
}

/** The station is a task: a load balancer gives each its share, and no task helps another with requests that it was given. */
function cpuStation(rate: number, own: Inputs): Station {
  const servers = Math.max(1, Math.floor(own['task-cores']));
  // Whole servers; a quarter of a core more makes them faster, not more.
  return { rate, servers, serviceMs: (serviceMs(own) * servers) / own['task-cores'], spread: own['cpu-spread'] };
}

function waits(what: string, station: Station, checks: Checked[]): string[] {
  const simulated = simulate(station, ARRIVALS);
  const checked = { what, formula: meanWait(station), simulated: simulated.meanMs };
  const counts = Math.max(checked.formula, checked.simulated) > NOTHING * station.serviceMs;
  if (counts) checks.push(checked);
  return [
    percent((station.rate * station.serviceMs) / 1000 / station.servers, ''),
    shown(checked.formula),
    shown(checked.simulated),
    counts ? percent(offBy(checked)) : '–',
    shown(simulated.p99Ms),
    shown(simulated.meanDepth),
    shown(simulated.mostDepth),
  ];
}

function offBy({ formula, simulated }: Checked): number {
  return formula / simulated - 1;
}

function percent(share: number, plus = '+'): string {
  if (!Number.isFinite(share)) return '∞';
  const rounded = Math.round(share * 100);
  return `${rounded > 0 ? plus : ''}${rounded} %`;
}
