import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { CacheModule } from '../cache/cache.module.js';
import { QueueModule } from '../queue/queue.module.js';
import { ContractHealthController } from './contract-health.controller.js';
import { Dependencies } from './dependencies.js';
import { DependencyMetrics } from './dependency-metrics.js';
import { HealthController } from './health.controller.js';
import { ProcessIndicators } from './process-indicators.js';
import { TaskHealth } from './task-health.js';
import { TaskState } from './task-state.js';

@Module({
  // Terminus would log each failed check, at every request. The changes are in our log already.
  imports: [TerminusModule.forRoot({ logger: false }), CacheModule, QueueModule],
  providers: [Dependencies, DependencyMetrics, ProcessIndicators, TaskState, TaskHealth],
  controllers: [HealthController, ContractHealthController],
  exports: [Dependencies],
})
export class HealthModule {}
