import { Module } from '@nestjs/common';
import { CacheModule } from '../cache/cache.module.js';
import { QueueModule } from '../queue/queue.module.js';
import { ApplicationChanges } from './application-changes.js';
import { GroupCommit } from './group-commit.js';
import { Ingest } from './ingest.js';
import { ManualDeliveries } from './manual-deliveries.js';

/** First half of the engine. Needs a HandOff from around it. */
@Module({
  imports: [CacheModule, QueueModule],
  providers: [GroupCommit, Ingest, ManualDeliveries, ApplicationChanges],
  exports: [Ingest, ManualDeliveries, ApplicationChanges],
})
export class IngestModule {}
