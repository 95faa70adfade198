import { Injectable } from '@nestjs/common';
import type { Claimed } from '../domain/claimed.js';
import type { Outcome, SendResult } from '../domain/outcome.js';
import { Log } from '../observability/log.js';
import { FailureWatch } from './failure-watch.js';

/** What a delivery leaves behind besides its rows: one log line an attempt, and word to the endpoint's failure clock. */
@Injectable()
export class DeliveryReporter {
  constructor(
    private readonly log: Log,
    private readonly watch: FailureWatch,
  ) {}

  attempted(claimed: Claimed, attemptId: string, result: SendResult, outcome: Outcome): void {
    const facts = {
      ...idsOf(claimed),
      attemptId,
      attempt: claimed.attempts + 1,
      trigger: claimed.run === 0 ? 'scheduled' : 'manual',
      statusCode: result.statusCode,
      failure: result.failure,
      durationMs: result.durationMs,
      next: outcome.kind,
      ...(outcome.kind === 'retry' ? { retryInMs: Math.round(outcome.delayMs) } : {}),
      ...(outcome.kind === 'failed' ? { reason: outcome.reason } : {}),
    };
    if (outcome.kind === 'failed') this.log.warn('delivery.attempted', facts);
    else this.log.info('delivery.attempted', facts);
  }

  leaseTooShort(claimed: Claimed): void {
    this.log.warn('delivery.lease_too_short', { ...idsOf(claimed), effect: 'left to the scanner' });
  }

  unsendable(claimed: Claimed, error: unknown): void {
    this.log.error('delivery.unsendable', { ...idsOf(claimed), error: error instanceof Error ? error.name : 'unknown' });
  }

  async settled(claimed: Claimed, outcome: Outcome): Promise<void> {
    if (outcome.kind === 'delivered' && claimed.target.failingSince !== null) await this.watch.recovered(claimed);
    if (outcome.kind === 'failed' && claimed.run === 0) await this.watch.exhausted(claimed);
  }
}

function idsOf({ appId, msgId, endpointId, run, fence }: Claimed): Record<string, unknown> {
  return { appId, msgId, endpointId, run, fence };
}
