import { Module } from '@nestjs/common';
import { IngestModule } from '../ingest/ingest.module.js';
import { OperationalWebhooksFeed } from './operational-webhooks-feed.js';
import { OperationalWebhooksOutlet } from './operational-webhooks-outlet.js';
import { OperationalWebhooks } from './operational-webhooks.js';

/** Webhooks about webhooks: tenants hear of their endpoints. Part of the worker's role. */
@Module({
  imports: [IngestModule],
  providers: [OperationalWebhooksFeed, OperationalWebhooksOutlet, OperationalWebhooks],
})
export class OperationalWebhooksModule {}
