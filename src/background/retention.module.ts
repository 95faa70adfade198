import { Module } from '@nestjs/common';
import { AuditRetention } from './audit-retention.js';
import { DeletedRetention } from './deleted-retention.js';
import { KeyExpiry } from './key-expiry.js';
import { Retention } from './retention.js';
import { RowRetention } from './row-retention.js';
import { UsageRetention } from './usage-retention.js';

/** Removes data that has expired. */
@Module({ providers: [Retention, KeyExpiry, AuditRetention, UsageRetention, RowRetention, DeletedRetention] })
export class RetentionModule {}
