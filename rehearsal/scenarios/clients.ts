import type { Scenario } from './scenario.js';

const GOOD = { status: 'Succeeded', serves: 'now', rolledBack: false } as const;
const CONNECTIONS = 64;
/** Opens more connections to the targets than the rate needs, which idle afterwards. */
const BURST = CONNECTIONS;

/** Good releases with clients that a release could hurt. */
export const CLIENTS: readonly Scenario[] = [
  {
    name: 'keep-alive',
    title:
      'Clients keep their connections over the whole release, and targets keep theirs for longer than the load balancer does',
    load: { connections: CONNECTIONS },
    end: GOOD,
    play: async ({ stage, deploy, finished, shifted }) => {
      await stage.load.call('burst', BURST);
      const id = deploy();
      await shifted();
      await stage.load.call('burst', BURST);
      return finished(id);
    },
    also: ({ journal }, { connects }) => {
      const hungUp = journal.of('target hung up').length;
      return [
        { text: 'no client had to connect again', holds: connects <= CONNECTIONS, detail: `${connects} connections` },
        { text: 'no target closed a kept connection', holds: hungUp === 0, detail: `${hungUp} closed` },
      ];
    },
  },
  {
    name: 'long-requests',
    title: 'Requests are under way for seconds while their targets are deregistered and stopped',
    load: { slow: { clients: 40, uploadMs: 4_000 } },
    end: GOOD,
    play: async ({ deploy, finished }) => finished(deploy()),
  },
  {
    name: 'queue-share',
    title: 'All deliveries go through the queue, and each colour takes its share of them',
    environment: { HANDOFF: 'off' },
    end: GOOD,
    play: async ({ deploy, finished }) => finished(deploy()),
  },
];
