import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { Scenario } from './scenario.js';

const GOOD = { status: 'Succeeded', serves: 'now', rolledBack: false } as const;
const AWAY_MS = 30_000;
/** After a fault: what was under way may still get the answer that it would have got. */
const AFTER_MS = 5_000;

/** Good releases during which something else breaks. */
export const FAULTS: readonly Scenario[] = [
  {
    name: 'database-away',
    title: 'The database is away for 30 s in the middle of the canary',
    end: GOOD,
    play: async ({ stage, deploy, finished, shifted, broken }) => {
      const id = deploy();
      await shifted();
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
    name: 'redis-flushed',
    title: 'Redis loses all its data in the middle of the canary',
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
    name: 'task-killed',
    title: 'A task of blue is killed in the middle of the canary',
    end: GOOD,
    kills: true,
    play: async ({ stage, deploy, finished, shifted, happens, broken }) => {
      const id = deploy();
      await shifted();
      const blue = stage.service.taskSets().find(({ status }) => status === 'PRIMARY')!;
      const victim = stage.service.tasks('RUNNING').find(({ startedBy }) => startedBy === blue.id)!;
      const mended = broken('task killed', ['502', '503', '504', 'ECONNRESET']);
      stage.service.killTask(victim.arn);
      await happens('healthy', /blue/);
      mended();
      return finished(id);
    },
  },
  {
    name: 'scale-out',
    title: 'The service is scaled out during the shift',
    end: GOOD,
    play: async ({ stage, deploy, finished, shifted }) => {
      const id = deploy();
      await shifted();
      stage.service.scale(stage.plan.desired + 1);
      return finished(id);
    },
  },
  {
    name: 'other-direction',
    title: 'Back to the build before, over a schema that is one migration newer',
    builds: { blue: 'now', green: 'before' },
    end: { status: 'Succeeded', serves: 'before', rolledBack: false },
    play: async ({ deploy, finished }) => finished(deploy()),
  },
];
