import { Global, Module } from '@nestjs/common';
import { CacheModule } from '../cache/cache.module.js';
import { MessageQuota } from './message-quota.js';
import { OrganizationLimits } from './organization-limits.js';
import { RequestThrottle } from './request-throttle.js';
import { UsageCounts } from './usage-counts.js';

const PROVIDERS = [OrganizationLimits, RequestThrottle, MessageQuota, UsageCounts];

/** What organisations may do, and what they did. */
@Global()
@Module({ imports: [CacheModule], providers: PROVIDERS, exports: PROVIDERS })
export class LimitsModule {}
