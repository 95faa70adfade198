import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { startChild } from '../../test/support/child.js';
import { build, environment, makeCopy, sow } from './copy.js';
import { needsBuild, type Plant } from './plant.js';
import type { Ended } from './verdict.js';

const STOP_MS = 2_000;
/** Half of a rehearsal's own rate: every verdict but that on p99 says the same, and two fit on a small machine. */
const RATE = '100';

export interface PlayOrder {
  /** What is copied, and the build that is replaced. */
  project: string;
  scenario: string;
  /** Null: the copy is as the project is. */
  plant: Plant | null;
  limitMs: number;
  /** Ends it. */
  signal: AbortSignal;
}

/**
 * Plays a scenario with a copy of the project: the copy is the new build, and its own rehearsal is run. The copy is removed, however that ends.
 *
 * @throws Error if there is no copy to be had, the mistake can't be planted, or the copy does not build
 */
export async function play({ project, scenario, plant, limitMs, signal }: PlayOrder): Promise<Ended> {
  const isRebuilt = plant !== null && needsBuild(plant);
  const folder = makeCopy(project, !isRebuilt);
  try {
    if (plant) sow(folder, plant);
    if (isRebuilt) await build(folder);
    return await rehearsed(folder, { project, scenario, limitMs, signal });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function rehearsed(
  folder: string,
  { project, scenario, limitMs, signal }: Pick<PlayOrder, 'project' | 'scenario' | 'limitMs' | 'signal'>,
): Promise<Ended> {
  signal.throwIfAborted();
  const program = ['--import', join(folder, 'bench/typescript.mjs'), join(folder, 'rehearsal/rehearse.ts')];
  const options = ['--before', project, '--rate', RATE, '--quiet', '--report', join(folder, 'rehearsal-report')];
  const child = startChild(process.execPath, [...program, scenario, ...options], environment(), { scratch: folder });
  let isLate = false;
  const stop = () => void child.stop(STOP_MS);
  const timer = setTimeout(() => {
    isLate = true;
    stop();
  }, limitMs);
  signal.addEventListener('abort', stop, { once: true });
  try {
    const { code } = await child.exited;
    signal.throwIfAborted();
    return { code, isLate, lines: child.lines };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}
