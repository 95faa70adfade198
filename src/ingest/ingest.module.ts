import { Module } from '@nestjs/common';
import { CacheModule } from '../cache/cache.module.js';
import { QueueModule } from '../queue/queue.module.js';
import { Admission } from './admission.js';
import { BatchIngest } from './batch-ingest.js';
import { GroupCommit } from './group-commit.js';
import { IngestMetrics } from './ingest-metrics.js';
import { Ingest } from './ingest.js';
import { ManualDeliveries } from './manual-deliveries.js';

/** First half of the engine: accepts messages. The application's root module provides HandOff. */
@Module({
  imports: [CacheModule, QueueModule],
  providers: [Admission, BatchIngest, GroupCommit, Ingest, IngestMetrics, ManualDeliveries],
  exports: [Admission, BatchIngest, Ingest, ManualDeliveries],
})
export class IngestModule {}
