import { Injectable } from '@nestjs/common';
import { SharedCache } from './shared-cache.js';

/**
 * The one place that says that an application or one of its endpoints has changed: the caches of this process and of the others then
 * forget it. If the process dies before, or Redis is away, others see the change when they compare versions, or after half a minute.
 */
@Injectable()
export class CacheInvalidation {
  private readonly listeners: ((appId: string) => void)[] = [];

  constructor(private readonly cache: SharedCache) {
    cache.onInvalidation((appId) => this.tell(appId));
  }

  /** `listener` is called for each change in this process and, as long as Redis is there, in the others. */
  onChange(listener: (appId: string) => void): void {
    this.listeners.push(listener);
  }

  /** Call it after the change is committed. */
  announce(appId: string): void {
    this.tell(appId);
    this.cache.publish(appId);
  }

  private tell(appId: string): void {
    for (const listener of this.listeners) listener(appId);
  }
}
