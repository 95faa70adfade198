import { Module } from '@nestjs/common';
import { KeyExpiry } from './key-expiry.js';
import { Retention } from './retention.js';

/** Removes data that has expired. */
@Module({ providers: [Retention, KeyExpiry] })
export class RetentionModule {}
