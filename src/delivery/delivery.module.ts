import { Module } from '@nestjs/common';
import { CacheModule } from '../cache/cache.module.js';
import { QueueModule } from '../queue/queue.module.js';
import { Throttle } from './throttle.js';
import { CheckedConnect } from './checked-connect.js';
import { Claimer } from './claimer.js';
import { DeliveryRunner } from './delivery-runner.js';
import { DeliveryMetrics } from './delivery-metrics.js';
import { DeliveryReporter } from './delivery-reporter.js';
import { EgressProxy } from './egress-proxy.js';
import { EndpointSpeed } from './endpoint-speed.js';
import { EndpointFailures } from './endpoint-failures.js';
import { HttpSender } from './http-sender.js';
import { Dispatcher } from './dispatcher.js';
import { LocalHandOff } from './local-hand-off.js';
import { AwakeClock } from './awake-clock.js';
import { Permits } from './permits.js';
import { Quarantine } from './quarantine.js';
import { NameResolver } from './name-resolver.js';
import { Scanner } from './scanner.js';
import { Settler } from './settler.js';
import { TaskHandler } from './task-handler.js';
import { PostponeDelay } from './postpone-delay.js';
import { WaitingLines } from './waiting-lines.js';
import { Worker } from './worker.js';

/** The second half of the engine: from a due row or a task to the settled outcome. */
@Module({
  imports: [CacheModule, QueueModule],
  providers: [
    Throttle,
    CheckedConnect,
    Claimer,
    DeliveryRunner,
    DeliveryMetrics,
    DeliveryReporter,
    EgressProxy,
    EndpointSpeed,
    EndpointFailures,
    HttpSender,
    Dispatcher,
    LocalHandOff,
    AwakeClock,
    { provide: NameResolver, useFactory: () => new NameResolver() },
    Permits,
    Quarantine,
    Scanner,
    Settler,
    PostponeDelay,
    TaskHandler,
    WaitingLines,
    Worker,
  ],
  exports: [LocalHandOff, Worker],
})
export class DeliveryModule {}
