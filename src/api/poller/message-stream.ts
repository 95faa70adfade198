import { Inject, Injectable } from '@nestjs/common';
import type { Endpoint } from '../../database/entities/endpoint.entity.js';
import type { Message } from '../../database/entities/message.entity.js';
import { MessageRepository } from '../../database/repositories/message.repository.js';
import { firstIdAt, timeOf } from '../../domain/ids.js';
import { fittingItems, type ItemSize } from '../../domain/page.js';
import type { IdWindow } from '../../domain/time-window.js';
import { toMessagesOut, type MessageOut } from '../http-support/message-out.js';
import { POLLER_TIMING, type PollerTiming } from './poller-timing.js';
import type { PollOut } from './poller.schemas.js';

const REACH_MS = 90 * 24 * 3_600_000;

/** A page that a poll asks for. Its filters apply in addition to those of the endpoint. */
export interface PageRequest {
  limit: number;
  /** The id after which the page begins. Null for the start: when the endpoint was created, at most 90 days ago. */
  position: string | null;
  eventType: string | null;
  channel: string | null;
}

/** What a page was read from. */
interface Found {
  rows: ItemSize[];
  end: string | null;
}

/**
 * The messages of an application that match an endpoint, in the order of their ids, page by page. Scheduled messages are among them,
 * with their time. All times come from the database, because the clocks of processes differ.
 */
@Injectable()
export class MessageStream {
  constructor(
    private readonly messages: MessageRepository,
    @Inject(POLLER_TIMING) private readonly timing: PollerTiming,
  ) {}

  async page(endpoint: Endpoint, request: PageRequest): Promise<PollOut> {
    const now = await this.messages.databaseTime();
    const above = request.position ?? firstIdAt('msg_', Math.max(timeOf(endpoint.id), now - REACH_MS));
    const below = firstIdAt('msg_', now - this.timing.settledAfterMs);
    const { rows, end } = await this.settled(endpoint, request, { above, below, order: 'oldest-first' });
    const count = fittingItems(
      rows.map(({ bytes }) => bytes),
      request.limit,
    );
    const isFull = rows.length > count;
    const ids = rows.slice(0, count).map(({ id }) => id);
    const messages = await this.messages.inOrder(endpoint.appId, ids);
    const data = await toMessagesOut(messages, true);
    const reached = (isFull ? undefined : end) ?? ids.at(-1) ?? above;
    const done = !isFull && end === null;
    return { data: data.map((out, at) => shown(out, messages[at]!)), iterator: this.next(reached, done, now), done };
  }

  /**
   * The first messages of the window. No message may appear among them later, or polls would miss it. The database refuses new ids that
   * are older than the end of the window, so a message can appear only if its row is written already and its transaction is still open.
   * Such a transaction holds a lock on its row: wait for these locks, then read again. `end`: the id up to which the window was searched,
   * null for all of it.
   */
  private async settled(endpoint: Endpoint, request: PageRequest, whole: IdWindow & { below: string }): Promise<Found> {
    const { eventTypes, channels } = narrowed(endpoint, request);
    if (eventTypes?.length === 0 || channels?.length === 0) return { rows: [], end: null };
    const filter = { eventTypes, channel: null, channels };
    const { window, end } = await this.messages.span(endpoint.appId, whole, filter);
    const read = () => this.messages.sizes(endpoint.appId, window, request.limit + 1, filter);
    const rows = await read();
    const last = rows.length > request.limit ? rows.at(-1)!.id : (end ?? whole.below);
    const open = firstIdAt('msg_', timeOf(whole.below) - this.timing.openForMs);
    if (last < open) return { rows, end };
    const waited = await this.messages.awaitOpen(endpoint.appId, { above: later(whole.above, open), upTo: last });
    return { rows: waited ? await read() : rows, end };
  }

  /** Where the next page begins. If no message is left, it moves on to a recent time, so that the same empty range is not searched again. */
  private next(reached: string, done: boolean, now: number): string {
    const passed = firstIdAt('msg_', now - this.timing.passedAfterMs);
    return done && passed > reached ? passed : reached;
  }
}

function later(one: string | null, other: string): string {
  return one !== null && one > other ? one : other;
}

/** The filters of endpoint and poll together. Null means no filter, an empty list that nothing matches. */
function narrowed(
  endpoint: Endpoint,
  { eventType, channel }: PageRequest,
): { eventTypes: string[] | null; channels: string[] | null } {
  return { eventTypes: both(endpoint.eventTypes, eventType), channels: both(endpoint.channels, channel) };
}

function both(wanted: string[] | null, one: string | null): string[] | null {
  if (one === null) return wanted;
  return wanted === null || wanted.includes(one) ? [one] : [];
}

function shown(out: MessageOut, { contentType }: Message): PollOut['data'][number] {
  return contentType === null ? out : { ...out, headers: { 'content-type': contentType } };
}
