import { Injectable } from '@nestjs/common';
import { SharedCache } from '../cache/shared-cache.js';
import { Directory } from '../database/directory.js';

/**
 * Word that an application or one of its endpoints changed: this process forgets its copy, the others are told to.
 * Word that gets lost costs a group commit one more round: it compares versions.
 */
@Injectable()
export class ApplicationNews {
  constructor(
    private readonly directory: Directory,
    private readonly cache: SharedCache,
  ) {
    cache.onInvalidation((appId) => directory.forget(appId));
  }

  announce(appId: string): void {
    this.directory.forget(appId);
    this.cache.publish(appId);
  }
}
