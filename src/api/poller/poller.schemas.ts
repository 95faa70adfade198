import { z } from 'zod';
import { channel, iterator, limit, time } from '../http-support/list-query.js';
import { eventTypeName, pathName } from '../http-support/schemas.js';

/** Query of a poll that keeps its own place. */
export const pollQuery = z.object({
  limit,
  iterator: iterator('msg_').refine((id) => !id?.startsWith('-'), 'Must be an iterator that an earlier poll answered'),
  event_type: eventTypeName.nullable().default(null),
  channel,
  after: time,
});

/** Query of a poll whose place is kept here. */
export const consumerPollQuery = pollQuery.pick({ limit: true, iterator: true });

/** Where a consumer's next poll begins. */
export const consumerSeek = z.object({
  after: z.iso
    .datetime({ offset: true, error: 'Must be a time with its offset, like 2026-01-02T03:04:05Z' })
    .transform((text) => new Date(text)),
});

/** What a consumer calls itself. */
export const consumerName = pathName;

export type PollQuery = z.output<typeof pollQuery>;
export type ConsumerPollQuery = z.output<typeof consumerPollQuery>;
export type ConsumerSeek = z.output<typeof consumerSeek>;
