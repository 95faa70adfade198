import { Injectable } from '@nestjs/common';
import type { ClaimedDelivery } from '../domain/delivery.js';
import { timeOf } from '../domain/ids.js';
import type { Outcome, SendResult } from '../domain/outcome.js';
import { Log } from '../observability/log.js';
import { Timing } from '../observability/metrics-timing.js';
import { Tracer } from '../observability/tracing.js';

/** Reports deliveries: one log line for each attempt, durations for the metrics, and a span. */
@Injectable()
export class DeliveryReporter {
  /** From the message to its delivery, retries included, manual attempts excluded. */
  readonly latency = new Timing();
  /** How long endpoints took to answer, or until the attempt timed out. */
  readonly responseTime = new Timing();

  constructor(
    private readonly log: Log,
    private readonly tracer: Tracer,
  ) {}

  /** One span for the attempt and the commit of its outcome, in the trace of the request that brought the message. */
  traced(claimed: ClaimedDelivery, work: () => Promise<void>): Promise<void> {
    if (!this.tracer.on) return work();
    const attributes = {
      'posthorn.app_id': claimed.appId,
      'posthorn.message_id': claimed.msgId,
      'posthorn.endpoint_id': claimed.endpointId,
      'posthorn.attempt': claimed.attempts + 1,
    };
    return this.tracer.span('deliver', attributes, work, { parent: claimed.trace });
  }

  attempted(claimed: ClaimedDelivery, attemptId: string, result: SendResult, outcome: Outcome): void {
    if (result.failure === null || result.failure === 'timeout') this.responseTime.observe(result.durationMs);
    if (outcome.kind === 'delivered' && claimed.run === 0) this.latency.observe(Date.now() - timeOf(claimed.msgId));
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
    if (outcome.kind === 'failed' || result.failure === 'local') this.log.warn('delivery.attempted', facts);
    else this.log.info('delivery.attempted', facts);
  }

  leaseTooShort(claimed: ClaimedDelivery): void {
    this.log.warn('delivery.lease_too_short', { ...idsOf(claimed), effect: 'left to the scanner' });
  }

  unsendable(claimed: ClaimedDelivery, error: unknown): void {
    this.log.error('delivery.unsendable', { ...idsOf(claimed), error: error instanceof Error ? error.name : 'unknown' });
  }

  /** @param names of the endpoint's headers that were not sent */
  headersLeftOut(claimed: ClaimedDelivery, names: readonly string[]): void {
    this.log.warn('delivery.headers_left_out', { ...idsOf(claimed), names, effect: 'sent without them' });
  }
}

function idsOf({ appId, msgId, endpointId, run, fence }: ClaimedDelivery): Record<string, unknown> {
  return { appId, msgId, endpointId, run, fence };
}
