import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { errorFields, Log } from '../../observability/log.js';
import { EndpointEvents } from '../endpoint-events.js';
import type { Endpoint } from '../entities/endpoint.entity.js';
import { isDuplicateKey } from '../errors.js';
import { Transactions } from '../transactions.js';

const MAX_ENDPOINTS = 20_000;
/** An endpoint is named in the log once in this time. */
const LOG_PAUSE_MS = 60_000;
/** Characters of an event's id after its prefix. */
const ID_CHARS = 27;

/**
 * Reports endpoints whose secrets can't be opened: a log line for each endpoint and minute, and one operational webhook for each state of
 * its secrets. All processes give that event the same id, so its message is accepted once.
 *
 * If the process dies before the event is stored: another process, or the next message for the endpoint, stores it.
 */
@Injectable()
export class UnreadableEndpoints {
  private readonly logged = new LRUCache<string, true>({ max: MAX_ENDPOINTS, ttl: LOG_PAUSE_MS });
  /** Endpoint → id of the event that this process has stored. */
  private readonly told = new LRUCache<string, string>({ max: MAX_ENDPOINTS });

  constructor(
    private readonly transactions: Transactions,
    private readonly events: EndpointEvents,
    private readonly log: Log,
  ) {}

  /** @param sealed what could not be opened; it names the state of the endpoint */
  report(endpoint: Endpoint, sealed: string, reason: string): void {
    if (endpoint.deleted) return;
    if (!this.logged.has(endpoint.id)) {
      this.logged.set(endpoint.id, true);
      this.log.error('delivery.endpoint_unreadable', { appId: endpoint.appId, endpointId: endpoint.id, reason });
    }
    const eventId = `opevt_${createHash('sha256').update(`${endpoint.id} ${sealed}`).digest('hex').slice(0, ID_CHARS)}`;
    if (this.told.get(endpoint.id) === eventId) return;
    this.told.set(endpoint.id, eventId);
    void this.tell(endpoint, eventId, reason);
  }

  private async tell(endpoint: Endpoint, eventId: string, reason: string): Promise<void> {
    try {
      await this.transactions.write((manager) =>
        this.events.store(manager, 'endpoint.unreadable', endpoint, { reason }, eventId),
      );
    } catch (error) {
      if (isDuplicateKey(error)) return;
      this.told.delete(endpoint.id);
      this.log.warn('delivery.endpoint_unreadable_untold', { endpointId: endpoint.id, ...errorFields(error) });
    }
  }
}
