import { Module } from '@nestjs/common';
import { Retention } from './retention.js';

/** Removal of what is kept no longer. */
@Module({ providers: [Retention] })
export class RetentionModule {}
