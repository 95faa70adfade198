import { Module } from '@nestjs/common';
import { CacheModule } from '../cache/cache.module.js';
import { QueueModule } from '../queue/queue.module.js';
import { Admission } from './admission.js';
import { CheckedConnect } from './checked-connect.js';
import { Claims } from './claims.js';
import { Courier } from './courier.js';
import { DeliveryMetrics } from './delivery-metrics.js';
import { DeliveryReporter } from './delivery-reporter.js';
import { EndpointPace } from './endpoint-pace.js';
import { FailureWatch } from './failure-watch.js';
import { HttpSender } from './http-sender.js';
import { Intake } from './intake.js';
import { LocalHandOff } from './local-hand-off.js';
import { OwnTime } from './own-time.js';
import { Permits } from './permits.js';
import { NameResolver } from './resolve-name.js';
import { Scanner } from './scanner.js';
import { Settler } from './settler.js';
import { Turns } from './turns.js';
import { WorkerRooms } from './worker-rooms.js';
import { Worker } from './worker.js';

/** Second half of the engine. */
@Module({
  imports: [CacheModule, QueueModule],
  providers: [
    Admission,
    CheckedConnect,
    Claims,
    Courier,
    DeliveryMetrics,
    DeliveryReporter,
    EndpointPace,
    FailureWatch,
    HttpSender,
    Intake,
    LocalHandOff,
    OwnTime,
    { provide: NameResolver, useFactory: () => new NameResolver() },
    Permits,
    Scanner,
    Settler,
    Turns,
    WorkerRooms,
    Worker,
  ],
  exports: [LocalHandOff, Worker],
})
export class DeliveryModule {}
