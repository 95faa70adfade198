import { Inject, Injectable } from '@nestjs/common';
import { SharedCache } from '../cache/shared-cache.js';
import { APP_CONFIG, type AppConfig } from '../config/config.js';
import { ApplicationCache } from '../database/engine/application-cache.js';
import { EndpointFailureRepository } from '../database/repositories/endpoint-failure.repository.js';
import type { ClaimedDelivery } from '../domain/delivery.js';
import { errorFields, Log } from '../observability/log.js';

/**
 * Keeps the clock of endpoints that do nothing but fail, and disables one when its time is over, or at once when it says that it
 * is gone. Runs beside the deliveries: if the process dies in between, the next message that is given up or answered so does it.
 * What was still planned for a disabled endpoint ends when its turn comes.
 */
@Injectable()
export class EndpointFailures {
  constructor(
    @Inject(APP_CONFIG) private readonly config: AppConfig,
    private readonly clock: EndpointFailureRepository,
    private readonly applications: ApplicationCache,
    private readonly cache: SharedCache,
    private readonly log: Log,
  ) {}

  async exhausted({ appId, endpointId }: ClaimedDelivery): Promise<void> {
    const { disableAfterMs } = this.config.endpoints;
    await this.guarded(appId, endpointId, async () => {
      const state = await this.clock.failed(appId, endpointId, disableAfterMs, Date.now());
      if (state === 'disabled')
        this.log.warn('endpoint.disabled', { appId, endpointId, reason: 'nothing but failures', disableAfterMs });
    });
  }

  async gone({ appId, endpointId }: ClaimedDelivery): Promise<void> {
    await this.guarded(appId, endpointId, async () => {
      if (await this.clock.disable(appId, endpointId, Date.now()))
        this.log.warn('endpoint.disabled', { appId, endpointId, reason: 'answered 410 Gone' });
    });
  }

  async recovered({ appId, endpointId }: ClaimedDelivery): Promise<void> {
    await this.guarded(appId, endpointId, () => this.clock.succeeded(appId, endpointId));
  }

  private async guarded(appId: string, endpointId: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
      this.applications.forget(appId);
      this.cache.publish(appId);
    } catch (error) {
      this.log.warn('endpoint.clock_failed', { appId, endpointId, ...errorFields(error) });
    }
  }
}
