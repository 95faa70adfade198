import { z } from 'zod';
import { isId } from '../../domain/ids.js';
import { MAX_TIME_LENGTH } from '../http-support/bounded.js';
import { channel, limit, time } from '../http-support/list-query.js';
import { messageOut } from '../http-support/message-out.js';
import { eventTypeName, pathName } from '../http-support/schemas.js';

/**
 * Where a poll continues; null for the start. An iterator that no poll can have answered is refused with its own error code, so that
 * consumers know that they must start again. The message with this id need not exist any more.
 */
const position = z
  .unknown()
  .optional()
  .transform((given, context): string | null => {
    if (given === undefined || given === null) return null;
    if (typeof given === 'string' && isId('msg_', given)) return given;
    const params = { unparsable: true, code: 'invalid_iterator' };
    context.addIssue({ code: 'custom', message: 'Must be an iterator that an earlier poll answered', params });
    return z.NEVER;
  });

/** Query parameters of a poll whose consumer stores its position itself. */
export const pollQuery = z.object({
  limit,
  iterator: position,
  event_type: eventTypeName.nullable().default(null),
  channel,
  after: time,
});

/** Query parameters of a poll whose position this server stores. */
export const consumerPollQuery = pollQuery.pick({ limit: true, iterator: true });

/** The time at which the next poll of a consumer begins. */
export const consumerSeek = z
  .object({
    after: z.iso
      .datetime({ offset: true, error: 'Must be a time with its offset, like 2026-01-02T03:04:05Z' })
      .max(MAX_TIME_LENGTH)
      .transform((text) => new Date(text)),
  })
  .meta({ id: 'PollingEndpointConsumerSeekIn' });
export const consumerSeekOut = z.object({ iterator: z.string() }).meta({ id: 'PollingEndpointConsumerSeekOut' });

/** A page of messages. `iterator` is where the next page begins. `done` means that there are no more messages at the moment. */
export const pollOut = z
  .object({
    data: z.array(messageOut.extend({ headers: z.record(z.string(), z.string()).optional() })),
    iterator: z.string(),
    done: z.boolean(),
  })
  .meta({ id: 'PollingEndpointOut' });

/** The name of a consumer. */
export const consumerName = pathName;

export type PollQuery = z.output<typeof pollQuery>;
export type ConsumerPollQuery = z.output<typeof consumerPollQuery>;
export type ConsumerSeek = z.output<typeof consumerSeek>;
export type ConsumerSeekOut = z.output<typeof consumerSeekOut>;
export type PollOut = z.output<typeof pollOut>;
