import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { Clock } from '../model.js';
import { CONNECTIONS, type Scenario } from './scenario.js';

const GOOD = { status: 'Succeeded', serves: 'now', rolledBack: false } as const;
const AWAY_MS = 30_000;
/** After a fault: what was under way may still get the answer that it would have got. */
const AFTER_MS = 5_000;
/** What clients of a task that is killed may get. */
const OF_A_KILLED_TASK = ['502', '503', '504', 'ECONNRESET'];

/** Resolves at the beginning of a minute of the alarms. */
async function nextMinute(clock: Clock): Promise<void> {
  const minute = clock.minutes(60_000);
  await sleep(minute - (clock.now() % minute));
}

/** Good releases during which something else breaks. */
export const FAULTS: readonly Scenario[] = [
  {
    name: 'redis-flushed',
    title: 'Redis loses all its data in the middle of the canary',
    hasShortCanary: true,
    end: GOOD,
    play: async ({ stage, deploy, finished, shifted }) => {
      const id = deploy();
      await shifted();
      const client = new Redis(stage.own.redisUrl);
      await client.flushall();
      client.disconnect();
      return finished(id);
    },
  },
  {
    name: 'database-away',
    title: 'The database is away for 30 s of a minute in the middle of the canary, which is too short for an alarm',
    end: GOOD,
    play: async ({ stage, deploy, finished, shifted, broken }) => {
      const id = deploy();
      await shifted();
      await nextMinute(stage.clock);
      const mended = broken('database away', ['503']);
      await stage.parts.database.kill();
      await sleep(stage.clock.seconds(AWAY_MS));
      await stage.parts.database.restart();
      await sleep(AFTER_MS);
      mended();
      return finished(id);
    },
  },
  {
    name: 'task-killed',
    title: 'A task of blue is killed in the middle of the canary',
    end: GOOD,
    kills: true,
    play: async ({ stage, deploy, finished, shifted, happens, broken }) => {
      const id = deploy();
      await shifted();
      const blue = stage.service.taskSets().find(({ status }) => status === 'PRIMARY')!;
      const victim = stage.service.tasks('RUNNING').find(({ startedBy }) => startedBy === blue.id)!;
      const mended = broken('task killed', OF_A_KILLED_TASK, CONNECTIONS);
      stage.service.killTask(victim.arn);
      await happens('healthy', /blue/);
      mended();
      return finished(id);
    },
  },
  {
    name: 'zone-lost',
    title: 'All tasks of a zone are gone at once in the middle of the canary, and no new ones start there',
    end: GOOD,
    kills: true,
    play: async ({ stage, deploy, finished, shifted, happens, broken }) => {
      const id = deploy();
      await shifted();
      const { zone } = stage.service.tasks('RUNNING')[0]!;
      const mended = broken('zone lost', OF_A_KILLED_TASK, CONNECTIONS);
      stage.service.stopZone(zone);
      await happens('healthy', /blue/);
      await sleep(AFTER_MS);
      mended();
      return finished(id);
    },
  },
];
