import { z } from 'zod';
import { ApiError } from '../http-support/api-error.js';
import { nestedUpTo } from '../http-support/contract.pipe.js';

const MAX_MESSAGES = 1_000;

/** Messages of a batch. More are refused with 413, as a body that is too large. */
const messages = z.preprocess((given) => {
  if (Array.isArray(given) && given.length > MAX_MESSAGES)
    throw batchTooLarge(`A batch has at most ${MAX_MESSAGES} messages, this one has ${given.length}`);
  return given;
}, z.array(z.unknown()).min(1).max(MAX_MESSAGES));

/** A batch: a list of messages, or an object with the list under `messages`. Each message is checked by itself, also its nesting. */
export const messageBatchIn = nestedUpTo(
  Infinity,
  z
    .union([messages, z.object({ messages })], {
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

/** 413: the batch has too many messages, or makes too many deliveries. */
export function batchTooLarge(detail: string): ApiError {
  return new ApiError(413, 'payload_too_large', detail);
}

export type MessageBatchIn = z.output<typeof messageBatchIn>;
export type MessageBatchOut = z.output<typeof messageBatchOut>;
