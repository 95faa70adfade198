import { Injectable } from '@nestjs/common';
import { SharedCache } from '../cache/shared-cache.js';
import { ApplicationCache } from '../database/engine/application-cache.js';

/**
 * Word that an application or one of its endpoints changed: this process forgets its copy, the others are told to.
 * Word that gets lost costs a group commit one more round: it compares versions.
 */
@Injectable()
export class CacheInvalidation {
  constructor(
    private readonly applications: ApplicationCache,
    private readonly cache: SharedCache,
  ) {
    cache.onInvalidation((appId) => applications.forget(appId));
  }

  announce(appId: string): void {
    this.applications.forget(appId);
    this.cache.publish(appId);
  }
}
