import { Inject, Injectable } from '@nestjs/common';
import { CacheInvalidation } from '../cache/cache-invalidation.js';
import { APP_CONFIG, type AppConfig } from '../config/config.js';
import { EndpointFailureRepository } from '../database/repositories/endpoint-failure.repository.js';
import type { ClaimedDelivery } from '../domain/delivery.js';
import type { Outcome } from '../domain/outcome.js';
import { errorFields, Log } from '../observability/log.js';

/**
 * Disables endpoints: one whose messages have done nothing but fail for too long, and at once one that answers 410 Gone. What is still
 * planned for a disabled endpoint ends when it comes due.
 *
 * If the process dies before this: the next message that fails for good, or is answered with 410, does it. If a success was not noted: the
 * endpoint counts as failing until its next success, and if it is to be disabled meanwhile, the success is found among its attempts.
 */
@Injectable()
export class EndpointFailures {
  constructor(
    @Inject(APP_CONFIG) private readonly config: AppConfig,
    private readonly repository: EndpointFailureRepository,
    private readonly invalidation: CacheInvalidation,
    private readonly log: Log,
  ) {}

  /**
   * After each attempt, also if its outcome could not be written. Never throws.
   *
   * @param answeredAt when the endpoint answered, or the attempt failed, ms since 1970; before the outcome was settled
   */
  async afterAttempt(
    { appId, endpointId, run, endpoint }: ClaimedDelivery,
    outcome: Outcome,
    answeredAt = Date.now(),
  ): Promise<void> {
    if (outcome.kind === 'delivered' && endpoint.failingSince !== null)
      await this.change(appId, endpointId, () => this.repository.succeeded(appId, endpointId));
    if (outcome.kind !== 'failed') return;
    if (outcome.said === 'gone') await this.change(appId, endpointId, () => this.gone(appId, endpointId));
    // An endpoint that refuses one message for good does answer, so it doesn't count as failing. A dead proxy, or a process without files, must not disable endpoints either.
    else if (run === 0 && outcome.said !== 'abort' && !outcome.notReached)
      await this.change(appId, endpointId, () => this.failed(appId, endpointId, answeredAt));
  }

  private async failed(appId: string, endpointId: string, failedAt: number): Promise<boolean> {
    const { disableAfterMs } = this.config.endpoints;
    const state = await this.repository.failed(appId, endpointId, disableAfterMs, failedAt);
    if (state === 'disabled')
      this.log.warn('endpoint.disabled', { appId, endpointId, reason: 'nothing but failures', disableAfterMs });
    return state !== 'running';
  }

  private async gone(appId: string, endpointId: string): Promise<boolean> {
    const isNew = await this.repository.disable(appId, endpointId, Date.now());
    if (isNew) this.log.warn('endpoint.disabled', { appId, endpointId, reason: 'answered 410 Gone' });
    return isNew;
  }

  /** @param work answers whether it changed something */
  private async change(appId: string, endpointId: string, work: () => Promise<boolean>): Promise<void> {
    try {
      if (await work()) this.invalidation.announce(appId);
    } catch (error) {
      this.log.warn('endpoint.clock_failed', { appId, endpointId, ...errorFields(error) });
    }
  }
}
