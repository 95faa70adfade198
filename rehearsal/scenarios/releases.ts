import type { Scenario } from './scenario.js';

const ROLLED_BACK = { status: 'Stopped', serves: 'before', rolledBack: true } as const;

/** Releases that go well, and those whose green is no good. */
export const RELEASES: readonly Scenario[] = [
  {
    name: 'good-release',
    isShort: true,
    title: 'A good release: canary, full shift, and the end of blue',
    end: { status: 'Succeeded', serves: 'now', rolledBack: false },
    play: async ({ deploy, finished }) => finished(deploy()),
  },
  {
    name: 'crash-loop',
    isShort: true,
    title: 'Green crashes at its start again and again; the watcher stops the deployment',
    end: { status: 'Stopped', serves: 'before', rolledBack: true },
    play: async ({ deploy, finished }) => finished(deploy({ PORT: 'not-a-port' })),
  },
  {
    name: 'never-ready',
    title: 'Green can not reach its database, and is never ready; an alarm stops the deployment',
    end: ROLLED_BACK,
    play: async ({ deploy, finished }) => finished(deploy({ DATABASE_URL: 'mysql://nobody:wrong@127.0.0.1:9/none' })),
  },
  {
    name: 'stop-request',
    title: 'Somebody stops the deployment in the middle of the canary',
    end: { status: 'Stopped', serves: 'before', rolledBack: true },
    play: async ({ stage, deploy, finished, shifted }) => {
      const id = deploy();
      await shifted();
      stage.deployments.stop(id, true);
      return finished(id);
    },
  },
  {
    name: 'alarm-in-canary',
    title: 'An alarm in the canary takes the release back',
    end: ROLLED_BACK,
    play: async ({ stage, deploy, finished, shifted }) => {
      const id = deploy();
      await shifted();
      const alarm = stage.plan.deployment.alarms.find((name) => name.includes('green-5xx'))!;
      stage.alarms.set(alarm, 'ALARM', 'set by the scenario');
      return finished(id);
    },
  },
];
