import { Inject, Injectable } from '@nestjs/common';
import { APP_CONFIG, type AppConfig } from '../config/config.js';
import type { NewAttemptRow, Settlement } from '../database/engine/engine-store.js';
import type { ClaimedDelivery, UnsealedEndpoint } from '../domain/delivery.js';
import { isSendableHeader } from '../domain/custom-headers.js';
import { newId } from '../domain/ids.js';
import { decideOutcome, type Outcome, type SendResult } from '../domain/outcome.js';
import { attemptEvent } from './attempt-event.js';
import { DeliveryReporter } from './delivery-reporter.js';
import { EndpointSpeed } from './endpoint-speed.js';
import { HttpSender } from './http-sender.js';
import { outgoing } from './outgoing.js';
import { Settler } from './settler.js';

const USER_AGENT = 'Posthorn/0.1 (+webhooks)';

/**
 * Takes one claimed delivery to its endpoint: sign, send, decide, settle. No branch on where the claim came from.
 *
 * When the process dies before the request, the lease runs out and a scanner claims the row. After the request and before the
 * settle is committed, the same: the endpoint gets it again, with the same id. After the settle nothing is left to do.
 * No attempt starts that could outlive its lease: whoever claims the row then would send it at the same time.
 */
@Injectable()
export class DeliveryRunner {
  /** Headers of endpoints that were looked at, to those of them that go out. */
  private readonly sendable = new WeakMap<UnsealedEndpoint['headers'], UnsealedEndpoint['headers']>();

  constructor(
    @Inject(APP_CONFIG) private readonly config: AppConfig,
    private readonly sender: HttpSender,
    private readonly settler: Settler,
    private readonly pace: EndpointSpeed,
    private readonly reporter: DeliveryReporter,
  ) {}

  /** Resolves when the outcome is committed, or the claim was given up. Never throws. */
  async deliver(claimed: ClaimedDelivery): Promise<void> {
    if (claimed.leaseEnds - performance.now() <= this.config.delivery.timeoutMs) {
      this.reporter.leaseTooShort(claimed);
      return;
    }
    await this.reporter.traced(claimed, () => this.attempt(claimed));
  }

  private async attempt(claimed: ClaimedDelivery): Promise<void> {
    const now = Date.now();
    const attemptId = newId('atmpt_', now);
    const request = this.pace.began(claimed.endpointId);
    const result = await this.send(claimed, now);
    this.pace.ended(request, result.durationMs, result.failure === 'timeout');
    const manual = claimed.run !== 0;
    const outcome = decideOutcome(
      result,
      { step: claimed.attempts, manual },
      { schedule: this.config.delivery.retrySchedule, nowMs: Date.now(), random: Math.random },
    );
    this.reporter.attempted(claimed, attemptId, result, outcome);
    const settlement = settlementOf(claimed, attemptId, result, outcome);
    const event = attemptEvent(claimed, { id: attemptId, ...result }, outcome, this.config.operationalWebhooks.url !== null);
    await this.settler.settle({ ...settlement, event }, claimed.leaseEnds);
    await this.reporter.settled(claimed, outcome);
  }

  /** A header that may not be sent, kept from a time when more was allowed, must not cost the delivery. It is told of once for each state of an endpoint. */
  private withSendableHeaders(claimed: ClaimedDelivery): ClaimedDelivery {
    const { endpoint } = claimed;
    let headers = this.sendable.get(endpoint.headers);
    if (!headers) {
      const refused = endpoint.headers.filter(([name, value]) => !isSendableHeader(name, value));
      headers = refused.length === 0 ? endpoint.headers : endpoint.headers.filter((header) => !refused.includes(header));
      this.sendable.set(endpoint.headers, headers);
      if (refused.length > 0)
        this.reporter.headersLeftOut(
          claimed,
          refused.map(([name]) => name),
        );
    }
    return headers === endpoint.headers ? claimed : { ...claimed, endpoint: { ...endpoint, headers } };
  }

  /** A request that can't even be built (an endpoint row written by hand, say) fails like one that can't be sent. */
  private async send(claimed: ClaimedDelivery, now: number): Promise<SendResult> {
    try {
      return await this.sender.send(
        outgoing(this.withSendableHeaders(claimed), this.config.delivery.signatureHeaders, USER_AGENT, now),
      );
    } catch (error) {
      this.reporter.unsendable(claimed, error);
      return { statusCode: 0, response: 'request could not be built', durationMs: 0, failure: 'connection', retryAfter: null };
    }
  }
}

function settlementOf(claimed: ClaimedDelivery, attemptId: string, result: SendResult, outcome: Outcome): Settlement {
  const { appId, msgId, endpointId, run, fence, endpoint } = claimed;
  const attempt: NewAttemptRow = {
    id: attemptId,
    url: endpoint.url,
    statusCode: result.statusCode,
    durationMs: result.durationMs,
    response: result.response,
  };
  return { appId, msgId, endpointId, run, fence, next: outcome, attempt };
}
