import type { Scenario } from './scenario.js';
import { Relay } from './relay.js';

/** Somebody, or something, stopped the deployment. */
const STOPPED = { status: 'Stopped', serves: 'before', rolledBack: true } as const;
/** A hook said no. */
const FAILED = { status: 'Failed', serves: 'before', rolledBack: true } as const;
/** Network of nobody here: a worker with it delivers nothing. */
const ELSEWHERE = '10.0.0.0/8';
/** Before a poisoned worker is noticed. */
const POISON_AWS_MS = 120_000;
/** Green may touch so many times its share of the traffic: the share is of all tasks, and messages are few. */
const MOST_TIMES_SHARE = 2;

/** Releases whose green is no good, or that somebody takes back: blue serves in the end. */
export const ROLLBACKS: readonly Scenario[] = [
  {
    name: 'failing-canary',
    title: 'Green loses its database again and again in the canary and answers 503; an alarm takes it back',
    end: STOPPED,
    play: async ({ stage, deploy, finished, shifted, broken }) => {
      const there = new URL(stage.own.databaseUrl);
      const relay = new Relay({ host: there.hostname, port: Number(there.port) });
      there.port = String(await relay.listen());
      const id = deploy({ DATABASE_URL: there.href });
      await shifted();
      const mended = broken("green's database away", ['503']);
      const restored = relay.disturb();
      const record = await finished(id);
      restored();
      mended();
      return record;
    },
  },
  {
    name: 'poisoned-worker',
    title: "Customers refuse what green's workers deliver; somebody takes the release back, and all is delivered",
    // A refused delivery is repeated soon, by whichever worker finds it.
    environment: { RETRY_SCHEDULE: '2,2,2,2,2,2,2,2,2,2' },
    end: STOPPED,
    play: async ({ stage, deploy, finished, shifted }) => {
      const { load, service, clock, journal } = stage;
      const id = deploy();
      await shifted();
      const since = Date.now();
      const green = service.taskSets().find(({ status }) => status !== 'PRIMARY')!;
      const addresses = service
        .tasks('RUNNING')
        .filter(({ startedBy }) => startedBy === green.id)
        .map(({ address }) => address);
      await load.call('refuse', addresses);
      journal.note('scenario', "green's workers", 'poisoned', { addresses });
      await new Promise((over) => setTimeout(over, clock.minutes(POISON_AWS_MS)));
      const accepted = await load.call<number>('acceptedSince', since);
      journal.note('scenario', "green's workers", 'accepted meanwhile', { accepted });
      stage.deployments.stop(id, true);
      return finished(id);
    },
    also: ({ journal }, { refused }) => {
      const accepted = Number(journal.of('accepted meanwhile')[0]?.facts['accepted']);
      const share = refused / accepted;
      const text = "only the canary's share was touched";
      return [{ text, holds: share > 0 && share <= 0.1 * MOST_TIMES_SHARE, detail: `${refused} of ${accepted} messages` }];
    },
  },
  {
    name: 'rollback-after-shift',
    title: 'An alarm after the full shift, while blue is still there, takes the release back',
    hasShortCanary: true,
    end: STOPPED,
    play: async ({ stage, deploy, finished, phase }) => {
      const id = deploy();
      await phase('TerminationWait');
      const alarm = stage.plan.deployment.alarms.find((name) => name.includes('5xx'))!;
      stage.alarms.set(alarm, 'ALARM', 'set by the scenario');
      return finished(id);
    },
  },
  {
    name: 'stop-request',
    title: 'Somebody stops the deployment in the middle of the canary',
    end: STOPPED,
    play: async ({ stage, deploy, finished, shifted }) => {
      const id = deploy();
      await shifted();
      stage.deployments.stop(id, true);
      return finished(id);
    },
  },
  {
    name: 'crash-loop',
    isShort: true,
    title: 'Green crashes at its start again and again; the watcher stops the deployment',
    end: STOPPED,
    play: async ({ deploy, finished }) => finished(deploy({ PORT: 'not-a-port' })),
  },
  {
    name: 'never-ready',
    title: 'Green has a wrong password of the database, and is never ready; an alarm stops the deployment',
    end: STOPPED,
    play: async ({ stage, deploy, finished }) => {
      const wrong = new URL(stage.own.databaseUrl);
      wrong.password = 'wrong';
      return finished(deploy({ DATABASE_URL: wrong.href }));
    },
  },
  {
    name: 'hook-fails',
    title: 'Green delivers nothing, and the check before the traffic notices although blue delivers in its place',
    end: FAILED,
    play: async ({ deploy, finished }) => finished(deploy({ ALLOWED_SUBNETS: ELSEWHERE })),
  },
  {
    name: 'hook-silent',
    title: 'The check before the traffic can not tell its verdict; the deployment fails when its time is over',
    hookLimitMs: 300_000,
    end: FAILED,
    play: async ({ stage, deploy, finished }) => {
      stage.api.disturb('PutLifecycleEventHookExecutionStatus', 'fail');
      return finished(deploy());
    },
  },
];
