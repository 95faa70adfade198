import { Module } from '@nestjs/common';
import { AuditRetention } from './audit-retention.js';
import { KeyExpiry } from './key-expiry.js';
import { Retention } from './retention.js';

/** Removes data that has expired. */
@Module({ providers: [Retention, KeyExpiry, AuditRetention] })
export class RetentionModule {}
