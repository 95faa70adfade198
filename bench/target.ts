import type { Row } from './figures.js';
import type { Program } from './parts/program.js';

/** A server that is measured. */
export interface Target {
  name: string;
  url: string;
  token: string;
  /** Its processes and those that it uses, by what they are; what is not known is left out. */
  pids(): Record<string, number[]>;
  /** Those of its own, as far as they were started here. */
  programs(): Program[];
  /** What else is counted for it, as ever growing numbers: statements, round trips, queue calls. */
  counters(): Promise<Record<string, number>>;
  /** Messages a second with an endpoint, once that is known. */
  rate: number | null;
}

/** A server of this project that was started here, and can be stopped and started again. */
export interface OwnTarget extends Target {
  start(roles?: 'api' | 'worker'): Promise<void>;
  stop(signal?: 'SIGINT' | 'SIGTERM'): Promise<void>;
}

/** Part of the benchmark. */
export interface Step {
  name: string;
  /** What it measures instead of the targets. */
  instead?: string;
  /** Whether it can be done with this target. */
  suits(target: Target): boolean;
  /** How often, at most: what takes long or repeats by itself is done once. */
  rounds: number;
  run(target: Target): Promise<Row[]>;
}

export function isOwn(target: Target): target is OwnTarget {
  return 'start' in target;
}

/** The processes of the server itself, without what it uses. */
export function ownPids(target: Target): number[] {
  const used = ['database', 'redis', 'queue'];
  return Object.entries(target.pids()).flatMap(([what, pids]) => (used.includes(what) ? [] : pids));
}
