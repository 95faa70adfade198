import { median, type Row } from '../figures.js';
import { usageOfAll } from '../parts/usage.js';
import type { Sizes } from '../sizes.js';
import { isOwn, ownPids, type OwnTarget, type Step } from '../target.js';

/** From the start of the process to its first "ready", on a schema that is there, and what it needs while it has nothing to do. */
export function boot(sizes: Sizes): Step {
  return {
    name: 'boot',
    rounds: 1,
    suits: isOwn,
    async run(target) {
      const own = target as OwnTarget;
      const boots: number[] = [];
      for (let n = 0; n < sizes.boots; n++) {
        await own.stop();
        await own.start();
        boots.push(Math.max(...own.programs().map(({ bootMs }) => bootMs)));
      }
      const pids = ownPids(own);
      const before = usageOfAll(pids).cpuMs;
      await new Promise((done) => setTimeout(done, sizes.idleSeconds * 1000));
      const idle = usageOfAll(pids);
      const figures = {
        'boot ms': median(boots),
        'slowest boot ms': Math.max(...boots),
        'idle MB': idle.memoryMb,
        'idle CPU %': (idle.cpuMs - before) / (sizes.idleSeconds * 10),
      };
      return [{ row: `${pids.length} process${pids.length > 1 ? 'es' : ''}`, figures }] satisfies Row[];
    },
  };
}
