import { z } from 'zod';
import { nestedUpTo } from '../http-support/contract.pipe.js';

/** A batch: a list of messages, or an object with the list under `messages`. Each message is checked by itself, also its nesting. */
export const messageBatchIn = nestedUpTo(
  Infinity,
  z
    .union([z.array(z.unknown()).min(1), z.object({ messages: z.array(z.unknown()).min(1) })], {
      error: 'Must be a list of messages that is not empty, or an object with one under "messages"',
    })
    .meta({ id: 'MessageBatchIn' })
    .transform((given) => (Array.isArray(given) ? { items: given, key: null } : { items: given.messages, key: 'messages' })),
);

/** For each message the answer that a single request would get, without the payload. */
export const messageBatchOut = z
  .object({
    data: z.array(
      z.object({ index: z.number().int(), status: z.literal([202, 409, 422]), body: z.record(z.string(), z.unknown()) }),
    ),
  })
  .meta({ id: 'MessageBatchOut' });

export type MessageBatchIn = z.output<typeof messageBatchIn>;
export type MessageBatchOut = z.output<typeof messageBatchOut>;
