import { Global, Module } from '@nestjs/common';
import { APP_CONFIG, type AppConfig } from '../config/config.js';
import { Log } from '../observability/log.js';
import { Drain } from './drain.js';
import { ReleaseGate } from './release-gate.js';
import { RELEASE_TIMING, defaultTiming, type ReleaseTiming } from './release-timing.js';
import { RunningTasks } from './running-tasks.js';

/** Which share of the work this process may fetch, whether it is stopping, and how many others run. Available in every module. */
@Global()
@Module({
  providers: [
    Drain,
    RunningTasks,
    { provide: RELEASE_TIMING, useFactory: defaultTiming },
    { provide: ReleaseGate, inject: [APP_CONFIG, RELEASE_TIMING, Log], useFactory: createGate },
  ],
  exports: [Drain, ReleaseGate, RunningTasks],
})
export class ReleaseModule {}

async function createGate(config: AppConfig, timing: ReleaseTiming, log: Log): Promise<ReleaseGate> {
  if (!config.release) return new ReleaseGate(null, timing, log);
  const { LoadBalancer } = await import('./load-balancer.js');
  return new ReleaseGate(new LoadBalancer(config.release), timing, log);
}
