import { randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import { freePort } from '../../test/support/services.js';
import type { Target } from '../target.js';
import type { Counters } from './counters.js';
import { startProgram } from './program.js';
import { createDatabase, type Stack } from './stack.js';

const BENCH = resolve(import.meta.dirname, '..');

/** The hand-written minimum, started. */
export async function floor(stack: Stack, counters: Counters): Promise<Target> {
  const name = `floor_${randomBytes(4).toString('hex')}`;
  await createDatabase(stack.database, name);
  const port = await freePort();
  const program = await startProgram({
    args: ['--import', join(BENCH, 'typescript.mjs'), join(BENCH, 'floor.ts')],
    env: { DATABASE_URL: new URL(`/${name}`, stack.database.url).href, PORT: String(port) },
    port,
    logFile: join(stack.folder, 'floor.log'),
  });
  return {
    name: 'floor',
    url: program.url,
    token: 'none',
    rate: null,
    programs: () => [program],
    pids: () => ({ service: [program.pid], database: [stack.database.pid()] }),
    counters: () => counters.read([program]),
  };
}

/** A server that runs already. Its processes, if it is on this machine: "service=12,database=34+35". */
export function foreign(url: string, token: string, pids: string): Target {
  const named = pids.split(',').filter((pair) => pair !== '');
  const parsed = named.map((pair) => {
    const [what = '', numbers = ''] = pair.split('=');
    return [what, numbers.split('+').map(Number)] as const;
  });
  return {
    name: 'server',
    url: new URL(url).origin,
    token,
    rate: null,
    programs: () => [],
    pids: () => Object.fromEntries(parsed),
    counters: async () => ({}),
  };
}
