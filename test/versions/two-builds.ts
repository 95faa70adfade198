import { anInstallation, type Env, type Installation, type Server } from '../faults/installation.js';
import { startChild } from '../support/child.js';
import { isReady, programOf, type Build, type ProcessOptions } from '../support/process.js';
import { until } from '../support/until.js';

const CACHE_BACK_MS = 60_000;
const TRIES = 20;

/** Both ways round, for describe.each. */
export const BOTH_WAYS: [Build, Build][] = [
  ['this build', 'the build before'],
  ['the build before', 'this build'],
];

/** Data and queues of one installation; processes of either build come and go. */
export interface TwoBuilds extends Omit<Installation, 'start'> {
  start(build: Build, role?: ProcessOptions['role'], overrides?: Env): Promise<Server>;
  /** By the build's own command, as a release does it before any process of the new build starts. */
  migrate(build: Build): Promise<void>;
  /** What processes that were killed had in hand is free at once, as it is when their leases and graces are over. */
  endLeases(): Promise<void>;
}

/** With this build's schema, or that of another for a start. */
export async function twoBuilds(overrides: Env = {}, schema: Build = 'this build'): Promise<TwoBuilds> {
  const installation = await anInstallation({ MIGRATE_ON_START: 'false', ...overrides }, { schema: false });
  const two: TwoBuilds = {
    ...installation,
    start: (build, role, more) => installation.start({ role, build }, more),
    migrate: (build) => migrate(build, installation),
    async endLeases() {
      // What is planned for later than any lease and grace stays as it is.
      const held = 'SET due_at = UTC_TIMESTAMP(3) WHERE due_at < UTC_TIMESTAMP(3) + INTERVAL 70 SECOND';
      for (const table of ['delivery', 'background_task', 'operational_event']) await installation.sql(`UPDATE ${table} ${held}`);
    },
  };
  try {
    await two.migrate(schema);
    // The database of an installation that the build before has worked on: nothing is bound before the command rekey.
    if (schema === 'this build') await installation.sql('DELETE FROM sealing_mode');
    return two;
  } catch (error) {
    await installation.remove();
    throw error;
  }
}

/** With the URL in DATABASE_URL, which each build knows. */
async function migrate(build: Build, { env, database }: Installation): Promise<void> {
  const child = startChild(process.execPath, [programOf(build, 'cli.js'), 'migrate'], {
    PATH: process.env['PATH'] ?? '',
    ...env,
    DATABASE_URL: database.migrationUrl,
  });
  const { code } = await child.exited;
  if (code !== 0) throw new Error(`The migration by ${build} failed:\n${child.lines.slice(-20).join('\n')}`);
}

/**
 * Does `work` while none of the servers says that Redis is away, and again if one has said so meanwhile: a process that is late itself, on
 * a busy machine, may take Redis for slow, and keys are of no account as long as it says so.
 */
export async function withCache<T>(servers: readonly Server[], work: () => Promise<T>): Promise<T> {
  const news = ({ log }: Server) => log.filter((line) => /"cache\.(away|back)"/.test(line));
  const isAway = (server: Server) => news(server).at(-1)?.includes('"cache.away"') ?? false;
  const count = () => servers.reduce((sum, server) => sum + news(server).length, 0);
  for (let left = TRIES; ; left--) {
    await until(() => !servers.some(isAway), CACHE_BACK_MS, 'Redis to be back');
    const before = count();
    const result = await work();
    // What they wrote before an answer is here when the next one is.
    for (const { url } of servers) await isReady(url);
    if (count() === before || left === 0) return result;
  }
}

/** A worker ends its long poll at SIGINT only. */
export const stop = (server: Server) => server.stop(30_000, 'SIGINT');
