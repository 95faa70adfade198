import { Inject, Injectable } from '@nestjs/common';
import { APP_CONFIG, type AppConfig } from '../config/config.js';
import type { Settlement } from '../database/engine/engine-store.js';
import { isSendableHeader } from '../domain/custom-headers.js';
import type { ClaimedDelivery, UnsealedEndpoint } from '../domain/delivery.js';
import { newId } from '../domain/ids.js';
import { decideOutcome, isNotReached, type Outcome, type SendResult } from '../domain/outcome.js';
import { attemptEvent } from './attempt-event.js';
import { DeliveryReporter } from './delivery-reporter.js';
import { EndpointFailures } from './endpoint-failures.js';
import { EndpointSpeed } from './endpoint-speed.js';
import { HttpSender } from './http-sender.js';
import { webhookRequest } from './webhook-request.js';
import { Settler } from './settler.js';

const USER_AGENT = 'Posthorn/0.1 (+webhooks)';

/**
 * Runs one claimed delivery: sign, send, decide, settle; the same for hand-off, queue and scanner.
 *
 * If the process dies before the request: the lease ends, and a scanner claims the row. After the request and before the settle is
 * committed: the same, so the endpoint gets the message again, with the same id. After the settle: the delivery is done; what EndpointFailures
 * would have done comes with a later message.
 *
 * No attempt starts that could outlive its lease: another process would then send at the same time.
 */
@Injectable()
export class DeliveryRunner {
  /** By the headers of an endpoint: those of them that may be sent. */
  private readonly sendableHeaders = new WeakMap<UnsealedEndpoint['headers'], UnsealedEndpoint['headers']>();

  constructor(
    @Inject(APP_CONFIG) private readonly config: AppConfig,
    private readonly sender: HttpSender,
    private readonly settler: Settler,
    private readonly speeds: EndpointSpeed,
    private readonly failures: EndpointFailures,
    private readonly reporter: DeliveryReporter,
  ) {}

  /** Resolves when the outcome is committed, or the claim was given up. Never throws. */
  async run(claimed: ClaimedDelivery): Promise<void> {
    if (claimed.leaseEnds - performance.now() <= this.config.delivery.timeoutMs) {
      this.reporter.leaseTooShort(claimed);
      return;
    }
    await this.reporter.traced(claimed, () => this.attempt(claimed));
  }

  private async attempt(claimed: ClaimedDelivery): Promise<void> {
    const now = Date.now();
    const attemptId = newId('atmpt_', now);
    const request = this.speeds.requestStarted(claimed.endpointId);
    const result = await this.send(claimed, now);
    const answeredAt = Date.now();
    if (isNotReached(result)) this.speeds.requestNotSent(request);
    else this.speeds.requestEnded(request, result.durationMs, result.failure === 'timeout');
    const outcome = decideOutcome(
      result,
      { step: claimed.attempts, manual: claimed.run !== 0 },
      { schedule: this.config.delivery.retrySchedule, nowMs: answeredAt, random: Math.random },
    );
    this.reporter.attempted(claimed, attemptId, result, outcome);
    const event = attemptEvent(claimed, { id: attemptId, ...result }, outcome, this.config.operationalWebhooks.url !== null);
    await this.settler.settle({ ...settlementOf(claimed, attemptId, result, outcome), event }, claimed.leaseEnds);
    await this.failures.afterAttempt(claimed, outcome, answeredAt);
  }

  /** A request that can't be built (the endpoint's row was written by hand, say) fails like one that can't be sent. */
  private async send(claimed: ClaimedDelivery, now: number): Promise<SendResult> {
    try {
      const { signatureHeaders } = this.config.delivery;
      return await this.sender.send(webhookRequest(this.withSendableHeaders(claimed), signatureHeaders, USER_AGENT, now));
    } catch (error) {
      this.reporter.unsendable(claimed, error);
      return { statusCode: 0, response: 'request could not be built', durationMs: 0, failure: 'connection', retryAfter: null };
    }
  }

  /** A header that was stored when more headers were allowed is left out, and must not fail the delivery. Logged once for each state of an endpoint. */
  private withSendableHeaders(claimed: ClaimedDelivery): ClaimedDelivery {
    const { endpoint } = claimed;
    let headers = this.sendableHeaders.get(endpoint.headers);
    if (!headers) {
      const refused = endpoint.headers.filter(([name, value]) => !isSendableHeader(name, value));
      headers = refused.length === 0 ? endpoint.headers : endpoint.headers.filter((header) => !refused.includes(header));
      this.sendableHeaders.set(endpoint.headers, headers);
      const names = refused.map(([name]) => name);
      if (names.length > 0) this.reporter.headersLeftOut(claimed, names);
    }
    return headers === endpoint.headers ? claimed : { ...claimed, endpoint: { ...endpoint, headers } };
  }
}

function settlementOf(claimed: ClaimedDelivery, attemptId: string, result: SendResult, outcome: Outcome): Settlement {
  const { appId, msgId, endpointId, run, fence, endpoint } = claimed;
  const { statusCode, durationMs, response } = result;
  const attempt = { id: attemptId, url: endpoint.shownUrl, statusCode, durationMs, response };
  return { appId, msgId, endpointId, run, fence, next: outcome, attempt };
}
