import { Inject, Injectable } from '@nestjs/common';
import type { Endpoint } from '../../database/entities/endpoint.entity.js';
import type { Message } from '../../database/entities/message.entity.js';
import { MessageRepository } from '../../database/repositories/message.repository.js';
import { firstIdAt, timeOf } from '../../domain/ids.js';
import type { IdWindow } from '../../domain/time-window.js';
import { toMessageOut } from '../http-support/message-out.js';
import { POLLER_TIMING, type PollerTiming } from './poller-timing.js';
import type { PollOut } from './poller.schemas.js';

const REACH_MS = 90 * 24 * 3_600_000;

/** What a poll asks for besides what the endpoint filters by. */
export interface PollWish {
  limit: number;
  /** Id after which the page begins; null for the beginning: what came since the endpoint was made, at most 90 days back. */
  position: string | null;
  eventType: string | null;
  channel: string | null;
}

/**
 * An application's messages in the order of their ids, as far as an endpoint wants them, for those who come and fetch them. Those
 * that are to be delivered later are among them, with their time. All times are the database's: the clocks of processes differ.
 */
@Injectable()
export class MessageStream {
  constructor(
    private readonly messages: MessageRepository,
    @Inject(POLLER_TIMING) private readonly timing: PollerTiming,
  ) {}

  async page(endpoint: Endpoint, wish: PollWish): Promise<PollOut> {
    const now = await this.messages.databaseTime();
    const above = wish.position ?? firstIdAt('msg_', Math.max(timeOf(endpoint.id), now - REACH_MS));
    const below = firstIdAt('msg_', now - this.timing.settledAfterMs);
    const rows = await this.settled(endpoint, wish, { above, below, walk: 'oldest-first' });
    const done = rows.length <= wish.limit;
    const data = rows.slice(0, wish.limit).map(shown);
    return { data, iterator: this.next(data.at(-1)?.id ?? above, done, now), done };
  }

  /**
   * The first messages of the window; none can still appear among them. A transaction that may yet commit one holds its row, because
   * the database refuses ids that are older than the window's end: so it is enough to wait for those that hold rows there, and to look again.
   */
  private async settled(endpoint: Endpoint, wish: PollWish, window: IdWindow & { below: string }): Promise<Message[]> {
    const { eventTypes, channels } = narrowed(endpoint, wish);
    if (eventTypes?.length === 0 || channels?.length === 0) return [];
    const filter = { eventTypes, channel: null, channels, payload: true };
    const read = () => this.messages.list(endpoint.appId, window, wish.limit + 1, filter);
    const rows = await read();
    const last = rows.length > wish.limit ? rows.at(-1)!.id : window.below;
    const open = firstIdAt('msg_', timeOf(window.below) - this.timing.openForMs);
    if (last < open) return rows;
    const waited = await this.messages.awaitOpen(endpoint.appId, { above: later(window.above, open), upTo: last });
    return waited ? read() : rows;
  }

  /** Where nothing is left, what was looked through in vain need not be looked through again. */
  private next(reached: string, done: boolean, now: number): string {
    const passed = firstIdAt('msg_', now - this.timing.passedAfterMs);
    return done && passed > reached ? passed : reached;
  }
}

function later(one: string | null, other: string): string {
  return one !== null && one > other ? one : other;
}

/** Null means no restriction, an empty list that nothing can match. */
function narrowed(
  endpoint: Endpoint,
  { eventType, channel }: PollWish,
): { eventTypes: string[] | null; channels: string[] | null } {
  return { eventTypes: both(endpoint.eventTypes, eventType), channels: both(endpoint.channels, channel) };
}

function both(wanted: string[] | null, one: string | null): string[] | null {
  if (one === null) return wanted;
  return wanted === null || wanted.includes(one) ? [one] : [];
}

function shown(message: Message): PollOut['data'][number] {
  const out = toMessageOut(message, true);
  return message.contentType === null ? out : { ...out, headers: { 'content-type': message.contentType } };
}
