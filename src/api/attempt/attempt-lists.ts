import { Injectable } from '@nestjs/common';
import type { Attempt } from '../../database/entities/attempt.entity.js';
import { AttemptRepository, type AttemptFilter } from '../../database/repositories/attempt.repository.js';
import { EndpointRepository } from '../../database/repositories/endpoint.repository.js';
import { MessageRepository } from '../../database/repositories/message.repository.js';
import { fittingItems, pageOf, searchedTo, type Page } from '../../domain/page.js';
import { timeWindow, walkOf, type IdWindow, type Span } from '../../domain/time-window.js';
import { notFound } from '../http-support/api-error.js';
import { toMessagesOut } from '../http-support/message-out.js';
import { toAttemptOut, type AttemptList, type AttemptOut } from './attempt.schemas.js';

/** An attempt is a success or a failure. Messages have more statuses; a list of attempts with one of these is always empty. */
const POSSIBLE_STATUSES = [0, 2];

/** Where the attempts of a list come from. */
interface AttemptSource {
  /** The part of the window that a page with this filter searches. */
  span(window: IdWindow, filter: AttemptFilter): Promise<Span>;
  read(window: IdWindow, count: number, filter: AttemptFilter): Promise<Attempt[]>;
}

/** Lists attempts by endpoint and by message, newest first. */
@Injectable()
export class AttemptLists {
  constructor(
    private readonly attempts: AttemptRepository,
    private readonly endpoints: EndpointRepository,
    private readonly messages: MessageRepository,
  ) {}

  async ofEndpoint(appId: string, endpointKey: string, query: AttemptList): Promise<Page<AttemptOut>> {
    const endpointId = await this.endpointId(appId, endpointKey);
    return this.page(appId, query, {
      span: (window, filter) => this.attempts.span(appId, endpointId, window, filter),
      read: (window, count, filter) => this.attempts.ofEndpoint(appId, endpointId, window, count, filter),
    });
  }

  /** @param endpointKey id or uid of an endpoint; null for attempts to all of them */
  async ofMessage(appId: string, msgKey: string, endpointKey: string | null, query: AttemptList): Promise<Page<AttemptOut>> {
    const message = await this.messages.find(appId, msgKey, { payload: false });
    if (!message) throw notFound();
    const endpointId = endpointKey === null ? null : await this.endpointId(appId, endpointKey);
    const subject = { msgId: message.id, endpointId };
    return this.page(appId, query, {
      // A message has few attempts.
      span: async (window) => ({ window, end: null }),
      read: (window, count, filter) => this.attempts.ofMessage(appId, subject, window, count, filter),
    });
  }

  private async page(appId: string, query: AttemptList, { span, read }: AttemptSource): Promise<Page<AttemptOut>> {
    const {
      limit,
      status,
      status_code_class: statusCodeClass,
      channel,
      tag,
      event_types: eventTypes,
      with_content: response,
    } = query;
    const possible = status === null || POSSIBLE_STATUSES.includes(status);
    const filter = { status, statusCodeClass, channel, tag, eventTypes, response };
    const whole = timeWindow('atmpt_', query, Date.now());
    const { window, end } = possible ? await span(whole, filter) : { window: whole, end: null };
    const rows = possible ? await read(window, limit + 1, filter) : [];
    const shown = rows.map((attempt) => toAttemptOut(attempt, response));
    const count = query.with_msg && response ? await this.count(appId, shown, limit) : limit;
    const walk = walkOf(window, query);
    const page = searchedTo(
      pageOf(shown, count, walk.backward, (attempt) => attempt.id),
      end,
      walk,
    );
    return query.with_msg ? { ...page, data: await this.withMessages(appId, page.data, response) } : page;
  }

  /** How many of the attempts fit into a page with the payloads of their messages. */
  private async count(appId: string, attempts: AttemptOut[], limit: number): Promise<number> {
    const sizes = await this.messages.sizesOf(appId, messageIdsOf(attempts));
    return fittingItems(
      attempts.map(({ msgId }) => sizes.get(msgId) ?? 0),
      limit,
    );
  }

  private async withMessages(appId: string, attempts: AttemptOut[], payload: boolean): Promise<AttemptOut[]> {
    const messages = await this.messages.byIds(appId, messageIdsOf(attempts), { payload });
    const shown = new Map((await toMessagesOut([...messages.values()], payload)).map((message) => [message.id, message]));
    return attempts.map((attempt) => {
      const msg = shown.get(attempt.msgId);
      return msg ? { ...attempt, msg } : attempt;
    });
  }

  private async endpointId(appId: string, key: string): Promise<string> {
    const endpoint = await this.endpoints.find(appId, key);
    if (!endpoint) throw notFound();
    return endpoint.id;
  }
}

function messageIdsOf(attempts: readonly AttemptOut[]): string[] {
  return [...new Set(attempts.map(({ msgId }) => msgId))];
}
