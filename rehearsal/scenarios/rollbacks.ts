import { freePort } from '../../test/support/services.js';
import { stepsOf } from '../codedeploy/shift.js';
import type { Stage } from '../stage.js';
import { Relay } from './relay.js';
import { CONNECTIONS, type Scenario } from './scenario.js';

const STOPPED = { status: 'Stopped', serves: 'before', rolledBack: true } as const;
/** Real ms: sooner than CodeDeploy looks at the alarms again. */
const HOLD_MS = 100;
/** By somebody, or by the watcher of crash loops. */
const BY_REQUEST = { ...STOPPED, because: /^MANUAL_STOP/ };
const byAlarm = (name: string) => ({ ...STOPPED, because: new RegExp(`^ALARM_ACTIVE.*<[^>]*${name}[^>]*>`) });
const byHook = (said: string) => ({
  status: 'Failed' as const,
  serves: 'before' as const,
  rolledBack: true,
  because: new RegExp(`^HOOK_EXECUTION_FAILURE.*${said}`),
});
/** Network of nobody here: a worker with it delivers nothing. */
const ELSEWHERE = '10.0.0.0/8';
/** Before a poisoned worker is noticed. */
const POISON_AWS_MS = 120_000;
/** Green may touch so many times its share of the traffic: the share is of all tasks, and messages are few. */
const MOST_TIMES_SHARE = 2;

/** Three failed checks, ten seconds apart, the last of five seconds: until then requests go to a target that answers nothing. */
const NOTICED_AWS_MS = 60_000;
/** What clients of such a target get, if they wait for so long. */
const OF_A_SILENT_TASK = ['502', '504', 'ECONNRESET', 'ABORT_ERR'];

/** Green's share of the traffic in the first step of the shift, 0 to 1. */
function firstShare({ plan }: Stage): number {
  return stepsOf(plan.deployment.shift)[0]!.percent / 100;
}

/** Releases whose green is no good, or that somebody takes back: blue serves in the end. */
export const ROLLBACKS: readonly Scenario[] = [
  {
    name: 'failing-canary',
    title: 'Green loses its database again and again in the canary and answers 503; an alarm takes it back',
    end: byAlarm('green-5xx'),
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
    also: ({ samples }) => {
      const failed = samples.all.reduce((sum, { colours: [{ answers, refused }] }) => {
        return sum + (answers['5xx'] ?? 0) + Object.values(refused).reduce((all, times) => all + times, 0);
      }, 0);
      return [{ text: 'blue failed no request', holds: failed === 0, detail: `${failed} failed` }];
    },
  },
  {
    name: 'zone-cut-off',
    title:
      'The tasks of a zone answer nothing any more in the canary: the load balancer leaves them, ECS replaces them, and an alarm takes the release back',
    end: byAlarm('unhealthy'),
    kills: true,
    play: async ({ stage, deploy, finished, shifted, broken }) => {
      const id = deploy();
      await shifted();
      const { zone } = stage.service.tasks('RUNNING')[0]!;
      const mended = broken('zone cut off', OF_A_SILENT_TASK, CONNECTIONS);
      stage.service.stopZone(zone, 'network');
      const record = await finished(id);
      mended();
      return record;
    },
    also: ({ journal, clock }) => {
      const at = journal.of('zone lost')[0]!.at;
      const noticed = journal.of('unhealthy').find((entry) => entry.at > at);
      const ms = noticed ? noticed.at - at : Number.POSITIVE_INFINITY;
      const text = 'the load balancer leaves targets that answer nothing within a minute of AWS';
      return [{ text, holds: ms <= clock.seconds(NOTICED_AWS_MS), detail: `after ${(ms / 1_000).toFixed(1)} s here` }];
    },
  },
  {
    name: 'poisoned-worker',
    title: "Customers refuse what green's workers deliver; somebody takes the release back, and all is delivered",
    // A refused delivery is repeated soon, by whichever worker finds it.
    environment: { RETRY_SCHEDULE: '2,2,2,2,2,2,2,2,2,2' },
    end: BY_REQUEST,
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
    also: (stage, { refused }) => {
      const accepted = Number(stage.journal.of('accepted meanwhile')[0]?.facts['accepted']);
      const share = refused / accepted;
      const text = "only the canary's share was touched";
      return [
        { text, holds: share > 0 && share <= firstShare(stage) * MOST_TIMES_SHARE, detail: `${refused} of ${accepted} messages` },
      ];
    },
  },
  {
    name: 'rollback-after-shift',
    title: 'An alarm after the full shift, while blue is still there, takes the release back',
    hasShortCanary: true,
    end: byAlarm('5xx'),
    play: async ({ stage, deploy, finished, phase }) => {
      const id = deploy();
      await phase('TerminationWait');
      const alarm = stage.plan.deployment.alarms.find((name) => name.includes('5xx'))!;
      // A state that is set by hand lasts until the alarm's next minute is over, which may be before CodeDeploy looks again.
      const hold = () => {
        const [now] = stage.alarms.states([alarm]);
        if (now!.state !== 'ALARM') stage.alarms.set(alarm, 'ALARM', 'set by the scenario');
      };
      hold();
      const holding = setInterval(hold, HOLD_MS);
      return finished(id).finally(() => clearInterval(holding));
    },
  },
  {
    name: 'stop-request',
    title: 'Somebody stops the deployment in the middle of the canary',
    end: BY_REQUEST,
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
    end: BY_REQUEST,
    play: async ({ deploy, finished }) => finished(deploy({ PORT: 'not-a-port' })),
  },
  {
    name: 'wrong-password',
    title: 'Green has a wrong password of the database: its tasks end at once, and the watcher stops the deployment',
    end: BY_REQUEST,
    play: async ({ stage, deploy, finished }) => {
      const wrong = new URL(stage.own.databaseUrl);
      wrong.password = 'wrong';
      return finished(deploy({ DATABASE_URL: wrong.href }));
    },
  },
  {
    name: 'never-ready',
    title: 'Green does not reach the database, and is never ready; an alarm stops the deployment',
    end: byAlarm('green-unhealthy'),
    play: async ({ stage, deploy, finished }) => {
      const unreachable = new URL(stage.own.databaseUrl);
      unreachable.port = String(await freePort());
      return finished(deploy({ DATABASE_URL: unreachable.href }));
    },
  },
  {
    name: 'hook-fails',
    title: 'Green delivers nothing, and the check before the traffic notices although blue delivers in its place',
    end: byHook('told the status Failed'),
    play: async ({ deploy, finished }) => finished(deploy({ ALLOWED_SUBNETS: ELSEWHERE })),
  },
  {
    name: 'hook-silent',
    title: 'The check before the traffic can not tell its verdict; the deployment fails when its time is over',
    hookLimitMs: 180_000,
    end: byHook('told no status'),
    play: async ({ stage, deploy, finished }) => {
      stage.api.disturb('PutLifecycleEventHookExecutionStatus', 'fail');
      return finished(deploy());
    },
  },
];
