import type { Exit } from './child.js';
import { startProcess } from './process.js';

type Env = Record<string, string>;
type Role = 'api' | 'worker' | 'api,worker';

/** What each of the two does; both do everything, or each the other's half. */
const ROLE_OF_THIS: Record<Role, Role> = { api: 'worker', worker: 'api', 'api,worker': 'api,worker' };

/** A process of the build before, on the parts of the application that a test started. */
export interface Beside {
  /** Where the next request goes: to the one that serves the API, to each in turn where both do. */
  next(): string;
  stop(): Promise<void>;
}

/** Role of the build before in every test of this file (npm run test:versions sets it); null where this build is alone. */
export function roleBeside(): Role | null {
  return (process.env['TEST_ROLE_BEFORE'] as Role | undefined) ?? null;
}

/** Environment of the application in this process: the half that the build before leaves to it. */
export function envBeside(env: Env): Env {
  const role = roleBeside();
  return role === null ? env : { ...env, ROLES: ROLE_OF_THIS[role] };
}

/** Starts the build before on the parts that `env` names, whose database this build has migrated, and writes what it logs to `log`. */
export async function startBeside(env: Env, url: string, log: string[]): Promise<Beside> {
  const role = roleBeside();
  if (role === null) return { next: () => url, stop: async () => {} };
  // Each on a database of its own would prove nothing.
  if (!env['DATABASE_URL'] || !env['SQS_QUEUE_URL']) throw new Error('Two builds need a database and a queue that both reach.');
  const before = await startProcess({ ...env, MIGRATE_ON_START: 'false' }, { role, build: 'the build before', log });
  let ended: Exit | undefined;
  void before.exited.then((exit) => (ended = exit));
  const urls = { api: [before.url], worker: [url], 'api,worker': [url, before.url] }[role];
  let turn = 0;
  return {
    next: () => urls[turn++ % urls.length]!,
    async stop() {
      const tooEarly = ended;
      await before.stop(30_000, 'SIGINT');
      if (tooEarly)
        throw new Error(`The build before ended by itself: ${JSON.stringify(tooEarly)}\n${log.slice(-20).join('\n')}`);
    },
  };
}
