import { DataSource } from 'typeorm';
import { LocalHandOff } from '../../src/delivery/local-hand-off.js';
import { LoopDelay } from '../../src/observability/loop-delay.js';
import { QueueClient } from '../../src/queue/queue-client.js';
import { ReleaseGate } from '../../src/release/release-gate.js';
import { RELEASE_TIMING, type ReleaseTiming } from '../../src/release/release-timing.js';
import { startApp, type Overrides, type Prepare, type TestApp } from '../support/app.js';
import { aMessage } from '../support/factories.js';
import { until } from '../support/until.js';
import type { Ecs } from './ecs.js';

const QUICK: ReleaseTiming = { everyMs: 100, untilFirstMs: 100, limitMs: 2_000, reportAfterMs: 500 };
/** Questions a tenth of a second apart: time for several turns of the scanner and for every task to be received. */
const SEVERAL_TURNS = 15;

/** An application behind a release gate that asks ten times a second. */
export interface GatedApp extends TestApp {
  ecs: Ecs;
  gate: ReleaseGate;
  /** A message that is not handed off although a permit is free: as if there were none. */
  queuedMessage(appId: string): Promise<string>;
  /** Whether a delivery of this message was ever claimed. */
  untouched(msgId: string): Promise<boolean>;
  /** Tasks in the queue that nobody received. */
  waitingTasks(): Promise<number>;
  /** Time for a worker that may fetch to do so. */
  severalTurns(): Promise<unknown>;
  logged(event: string): Record<string, any>[];
}

export async function startGatedApp(ecs: Ecs, overrides: Overrides = {}, prepare: Prepare = () => {}): Promise<GatedApp> {
  // The SDK wants some, and finds none outside AWS.
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'any', AWS_SECRET_ACCESS_KEY: 'any' });
  const app = await startApp({ ...ecs.env, ...overrides }, (nest) => {
    Object.assign(nest.get<ReleaseTiming>(RELEASE_TIMING), QUICK);
    // However busy this machine is, it hands off.
    Object.defineProperty(nest.get(LoopDelay), 'p99Ms', { get: () => 0, set: () => {} });
    prepare(nest);
  });
  const sql = (statement: string, values: unknown[]) => app.nest.get(DataSource).query(statement, values);
  return Object.assign(app, {
    ecs,
    gate: app.nest.get(ReleaseGate),
    async queuedMessage(appId: string) {
      const handOff = app.nest.get(LocalHandOff);
      handOff.open = false;
      const { id } = await aMessage(app, appId);
      handOff.open = true;
      return id as string;
    },
    async untouched(msgId: string) {
      const rows = await sql('SELECT state, fence FROM delivery WHERE msg_id = ?', [msgId]);
      return rows.every((row: any) => Number(row.state) === 0 && Number(row.fence) === 0);
    },
    waitingTasks: async () => (await app.nest.get(QueueClient).attributes()).waiting,
    severalTurns: () => ecs.askedAgain(SEVERAL_TURNS),
    logged: (event: string) => app.log.map((line) => JSON.parse(line)).filter(({ msg }) => msg === event),
  });
}

/** Makes a delivery due, as its retry or a lost task would. */
export async function makeDue(app: TestApp, msgId: string): Promise<void> {
  await app.nest.get(DataSource).query('UPDATE delivery SET due_at = ? WHERE msg_id = ?', ['2026-01-01 00:00:00.000', msgId]);
}

/** Resolves when the gate has followed. */
export function shareIs(app: GatedApp, share: number): Promise<unknown> {
  return until(() => app.gate.share === share, 10_000, `a share of ${share}`);
}
