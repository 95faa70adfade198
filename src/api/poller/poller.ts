import { Injectable } from '@nestjs/common';
import type { Endpoint } from '../../database/entities/endpoint.entity.js';
import { EndpointRepository } from '../../database/repositories/endpoint.repository.js';
import { PollerCursorRepository } from '../../database/repositories/poller-cursor.repository.js';
import { firstIdAt } from '../../domain/ids.js';
import { notFound } from '../http-support/api-error.js';
import { MessageStream } from './message-stream.js';
import type { ConsumerPollQuery, ConsumerSeek, ConsumerSeekOut, PollOut, PollQuery } from './poller.schemas.js';

/**
 * Polls the messages of an endpoint. A consumer stores its position itself, or has it stored here under its name.
 *
 * The stored position moves when the consumer sends the iterator of a page, which confirms that it has the page. Until then a poll
 * without an iterator gives the same page again. So each message is given at least once, also if the answer is lost, the consumer
 * fails, or this process dies.
 */
@Injectable()
export class Poller {
  constructor(
    private readonly endpoints: EndpointRepository,
    private readonly cursors: PollerCursorRepository,
    private readonly stream: MessageStream,
  ) {}

  async poll(appId: string, sink: string, query: PollQuery): Promise<PollOut> {
    const endpoint = await this.endpoint(appId, sink);
    const start = query.after === null ? null : justBefore(query.after);
    const { limit, event_type: eventType, channel } = query;
    return this.stream.page(endpoint, { limit, position: query.iterator ?? start, eventType, channel });
  }

  /** Two polls with the same name at the same time may get the same page. */
  async pollAs(appId: string, sink: string, consumer: string, { limit, iterator }: ConsumerPollQuery): Promise<PollOut> {
    const endpoint = await this.endpoint(appId, sink);
    const key = { appId, endpointId: endpoint.id, consumer };
    const confirmed = await this.cursors.position(key);
    if (iterator !== null && iterator !== confirmed) await this.cursors.put(key, iterator);
    return this.stream.page(endpoint, { limit, position: iterator ?? confirmed, eventType: null, channel: null });
  }

  async seek(appId: string, sink: string, consumer: string, { after }: ConsumerSeek): Promise<ConsumerSeekOut> {
    const endpoint = await this.endpoint(appId, sink);
    const iterator = justBefore(after);
    await this.cursors.put({ appId, endpointId: endpoint.id, consumer }, iterator);
    return { iterator };
  }

  private async endpoint(appId: string, idOrUid: string): Promise<Endpoint> {
    const found = await this.endpoints.find(appId, idOrUid);
    if (!found) throw notFound();
    return found;
  }
}

/** The position before the messages of this time. */
function justBefore(time: Date): string {
  return firstIdAt('msg_', time.getTime());
}
