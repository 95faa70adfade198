import { setTimeout as sleep } from 'node:timers/promises';
import { CONNECTIONS, type Scenario } from './scenario.js';

const GOOD = { status: 'Succeeded', serves: 'now', rolledBack: false } as const;
const UPLOAD_MS = 4_000;
/** A load balancer counts the time of an upload as the target's: with more than one in twenty the alarm about latency goes off. */
const SLOW_CLIENTS = 12;
/** Opens more connections to the targets than the rate needs, which idle afterwards. */
const BURST = CONNECTIONS;

/** Good releases with clients that a release could hurt. */
export const CLIENTS: readonly Scenario[] = [
  {
    name: 'keep-alive',
    title:
      'Clients keep their connections over the whole release, and targets keep theirs for longer than the load balancer does',
    load: { connections: CONNECTIONS },
    // Connections to blue idle over the whole release, those to green only at its end.
    builds: { blue: 'now', green: 'now' },
    hasShortCanary: true,
    end: GOOD,
    play: async ({ stage, deploy, finished, phase }) => {
      await stage.load.call('burst', BURST);
      const id = deploy();
      await phase('AfterAllowTraffic');
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
    title: 'Requests are under way for seconds while a release is taken back after the shift, and its targets are deregistered',
    load: { slow: { clients: SLOW_CLIENTS, uploadMs: UPLOAD_MS } },
    hasShortCanary: true,
    end: { status: 'Stopped', serves: 'before', rolledBack: true, because: /^MANUAL_STOP/ },
    play: async ({ stage, deploy, finished, phase }) => {
      const id = deploy();
      await phase('TerminationWait');
      // Blue has no requests under way when its end comes. Green has, if it is taken back under load.
      await sleep(UPLOAD_MS);
      stage.deployments.stop(id, true);
      return finished(id);
    },
    also: ({ journal, groups }) => {
      const left = journal.of('draining').filter(({ subject }) => subject === groups[1].settings.name);
      const underWay = left.reduce((sum, { facts }) => sum + Number(facts['underWay']), 0);
      const text = 'requests were under way when targets of green were deregistered';
      return [{ text, holds: underWay > 0, detail: `${underWay} at ${left.length} targets` }];
    },
  },
];
