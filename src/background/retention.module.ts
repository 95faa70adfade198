import { Module } from '@nestjs/common';
import { KeyExpiry } from './key-expiry.js';
import { Retention } from './retention.js';

/** Removal of what is kept no longer. */
@Module({ providers: [Retention, KeyExpiry] })
export class RetentionModule {}
