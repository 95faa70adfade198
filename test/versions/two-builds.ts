import { anInstallation, type Env, type Installation, type Server } from '../faults/installation.js';
import { startChild } from '../support/child.js';
import { programOf, type Build, type ProcessOptions } from '../support/process.js';

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
  const installation = await anInstallation({ LOG_LEVEL: 'warn', MIGRATE_ON_START: 'false', ...overrides });
  const two: TwoBuilds = {
    ...installation,
    start: (build, role, more) => installation.start({ role, build }, more),
    migrate: (build) => migrate(build, installation.env),
    async endLeases() {
      // What is planned for later than any lease and grace stays as it is.
      const held = 'SET due_at = UTC_TIMESTAMP(3) WHERE due_at < UTC_TIMESTAMP(3) + INTERVAL 70 SECOND';
      for (const table of ['delivery', 'background_task', 'operational_event']) await installation.sql(`UPDATE ${table} ${held}`);
    },
  };
  try {
    await two.migrate(schema);
    return two;
  } catch (error) {
    await installation.remove();
    throw error;
  }
}

async function migrate(build: Build, env: Env): Promise<void> {
  const child = startChild(process.execPath, [programOf(build, 'cli.js'), 'migrate'], {
    PATH: process.env['PATH'] ?? '',
    ...env,
  });
  const { code } = await child.exited;
  if (code !== 0) throw new Error(`The migration by ${build} failed:\n${child.lines.slice(-20).join('\n')}`);
}

/** A worker ends its long poll at SIGINT only. */
export const stop = (server: Server) => server.stop(30_000, 'SIGINT');
