import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { dirname } from 'node:path';
import { together, type Row, type Spread } from '../figures.js';

export interface TargetResult {
  figures: Record<string, Spread>;
  /** The first figure's median, divided by that of the floor; null where one of them is missing. */
  ofFloor: number | null;
}

export interface StepResult {
  name: string;
  /** By row and target. */
  rows: Record<string, Record<string, TargetResult>>;
}

/** What a run found out, as it is kept. */
export interface Results {
  label: string;
  at: string;
  quick: boolean;
  command: string[];
  machine: Record<string, string | number>;
  steps: StepResult[];
}

/** Below this a figure is none, and nothing is divided by it. */
const NOTHING = 0.001;

/** The rounds of each target, put together. */
export function stepResult(name: string, rounds: ReadonlyMap<string, Row[][]>): StepResult {
  const byTarget = [...rounds].map(([target, own]) => [target, together(own)] as const);
  const floor = byTarget.find(([target]) => target === 'floor')?.[1];
  const rows: StepResult['rows'] = {};
  for (const [target, found] of byTarget) {
    for (const [row, figures] of found) {
      const mine = Object.values(figures)[0]?.median;
      const least = Object.values(floor?.get(row) ?? {})[0]?.median;
      const ofFloor = target === 'floor' || !mine || !least || least < NOTHING ? null : mine / least;
      (rows[row] ??= {})[target] = { figures, ofFloor };
    }
  }
  return { name, rows };
}

export function machine(): Results['machine'] {
  const [cpu] = cpus();
  return {
    cpu: cpu?.model ?? 'unknown',
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    node: process.version,
    loadBefore: loadavg()[0]!,
  };
}

export function save(file: string, content: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}

export function load(file: string): Results {
  return JSON.parse(readFileSync(file, 'utf8')) as Results;
}
