import { Inject, Injectable } from '@nestjs/common';
import { APP_CONFIG, type AppConfig } from '../config/config.js';
import type { TaskStateRow } from '../database/repositories/running-task.repository.js';
import { LoopDelay } from '../observability/loop-delay.js';
import { Metrics } from '../observability/metrics.js';
import { Drain } from '../release/drain.js';
import { ReleaseGate } from '../release/release-gate.js';
import { Dependencies } from './dependencies.js';

/** What this process says of itself to operators. It comes from numbers that are in memory, so that reading them costs nothing. */
@Injectable()
export class TaskState {
  constructor(
    @Inject(APP_CONFIG) private readonly config: AppConfig,
    private readonly dependencies: Dependencies,
    private readonly gate: ReleaseGate,
    private readonly drain: Drain,
    private readonly loopDelay: LoopDelay,
    private readonly metrics: Metrics,
  ) {}

  /** Whether it answers requests of the API, and gets a part of the production traffic. */
  get serves(): boolean {
    return this.config.roles.api && this.gate.share > 0 && !this.drain.isDraining;
  }

  now(version: string): TaskStateRow {
    const { roles } = this.config;
    const stateOf = (name: (typeof this.dependencies.names)[number]) => (this.dependencies.state(name).up ? 'up' : 'away');
    return {
      version,
      roles: [...(roles.api ? ['api'] : []), ...(roles.worker ? ['worker'] : [])],
      uptimeMs: Math.round(process.uptime() * 1000),
      targetGroup: this.gate.targetGroup,
      trafficShare: this.gate.share,
      draining: this.drain.isDraining,
      dependencies: Object.fromEntries(this.dependencies.names.map((name) => [name, stateOf(name)])),
      loopDelayMs: Math.round(this.loopDelay.p99Ms * 10) / 10,
      memoryBytes: process.memoryUsage.rss(),
      deliveriesInWork: this.metrics.valueOf('permits_in_use'),
    };
  }
}
