import { Module } from '@nestjs/common';
import { IngestModule } from '../ingest/ingest.module.js';
import { OperationalWebhooksSender } from './operational-webhooks-sender.js';
import { OperationalMessages } from './operational-messages.js';
import { OperationalWebhooks } from './operational-webhooks.js';

/** Operational webhooks: tenants hear what happens to their endpoints. Part of the worker's role. */
@Module({
  imports: [IngestModule],
  providers: [OperationalMessages, OperationalWebhooksSender, OperationalWebhooks],
})
export class OperationalWebhooksModule {}
