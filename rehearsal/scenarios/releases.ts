import { setTimeout as sleep } from 'node:timers/promises';
import { signToken, claimsFor, randomOrgId } from '../../test/support/tokens.js';
import type { Scenario } from './scenario.js';
import { makeNewer } from './tasks.js';

const GOOD = { status: 'Succeeded', serves: 'now', rolledBack: false } as const;
/** Time for a new secret to be read by a new task, before the next thing happens. */
const STEP_MS = 2_000;

/** Releases that go well. */
export const RELEASES: readonly Scenario[] = [
  {
    name: 'scale-out',
    title: 'The service is scaled out during the shift',
    hasShortCanary: true,
    end: GOOD,
    play: async ({ stage, deploy, finished, shifted }) => {
      const id = deploy();
      await shifted();
      stage.service.scale(stage.plan.desired + 1);
      return finished(id);
    },
  },
  {
    name: 'next-version-tasks',
    title: 'Tasks of the next version are in the queue, which the workers of both builds do not know',
    // Without the hand-off, each message goes through the queue.
    environment: { HANDOFF: 'off' },
    hasShortCanary: true,
    end: GOOD,
    play: async ({ stage, deploy, finished, shifted }) => {
      const id = deploy();
      await shifted();
      const changed = await makeNewer(stage.own, 200);
      stage.journal.note('scenario', 'queue', 'tasks of the next version', { changed });
      return finished(id);
    },
    also: (stage) => {
      const lines = stage.lines.all().filter(({ text }) => text.includes('"queue.task_newer"')).length;
      return [{ text: 'workers met tasks of the next version', holds: lines > 0, detail: `${lines} lines of their logs` }];
    },
  },
  {
    name: 'queue-share',
    title: 'All deliveries go through the queue, and each colour takes its share of them',
    environment: { HANDOFF: 'off' },
    hasShortCanary: true,
    end: GOOD,
    play: async ({ deploy, finished }) => finished(deploy()),
  },
  {
    name: 'two-releases',
    title: 'Two releases, one right after the other',
    hasShortCanary: true,
    end: GOOD,
    play: async ({ deploy, finished }) => {
      const first = await finished(deploy());
      return first.status === 'Succeeded' ? finished(deploy()) : first;
    },
  },
  {
    name: 'secret-rotated',
    // Both know lists of secrets; the build before takes a list for one secret.
    builds: { blue: 'now', green: 'now' },
    title: 'JWT_SECRET gets a second value in the canary; the next release has it everywhere, and tokens are signed by it',
    hasShortCanary: true,
    end: GOOD,
    play: async ({ stage, deploy, finished, shifted }) => {
      const id = deploy();
      await shifted();
      const { own, secrets, service, load } = stage;
      const secret = [...secrets.values()].find(({ value }) => value === own.jwtSecret)!;
      const newer = `${own.jwtSecret.split('').reverse().join('')}-new`;
      // Both are accepted by tasks that start from now on; those that run know the old one alone.
      secret.value = `${own.jwtSecret},${newer}`;
      service.scale(stage.plan.desired + 1);
      const first = await finished(id);
      if (first.status !== 'Succeeded') return first;
      const second = await finished(deploy());
      if (second.status !== 'Succeeded') return second;
      await load.call('token', signToken(newer, claimsFor({ sub: orgOf(stage.token) })));
      await sleep(STEP_MS);
      return second;
    },
  },
  {
    name: 'good-release',
    isShort: true,
    title: 'A good release: canary, full shift, and the end of blue',
    end: GOOD,
    play: async ({ deploy, finished }) => finished(deploy()),
    also: ({ alarms }) => {
      // "Reporting criteria: there is a nonzero value", says AWS of the counts of errors.
      const missing = alarms.withoutData().filter(({ metric }) => !metric.name.startsWith('HTTPCode_'));
      const detail = missing.map(({ alarm, metric }) => `${alarm}: ${metric.name}`).join(', ') || 'they have';
      return [{ text: 'the metrics of all alarms have data', holds: missing.length === 0, detail }];
    },
  },
  {
    name: 'other-direction',
    title: 'Back to the build before, over a schema that is one migration newer',
    builds: { blue: 'now', green: 'before' },
    hasShortCanary: true,
    end: { status: 'Succeeded', serves: 'before', rolledBack: false },
    play: async ({ deploy, finished }) => finished(deploy()),
  },
];

/** The organisation of a token. */
function orgOf(token: string): string {
  const claims = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as { sub?: string };
  return claims.sub ?? randomOrgId();
}
