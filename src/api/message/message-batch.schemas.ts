import { z } from 'zod';
import { ApiError } from '../http-support/api-error.js';
import { readByHandler } from '../http-support/contract.pipe.js';

/** More are refused with 413, as a body that is too large. */
export const MAX_MESSAGES = 1_000;

const messages = z.array(z.unknown()).min(1).max(MAX_MESSAGES);

/**
 * A batch: a list of messages, or an object with the list under `messages`. Each message is checked by itself, also its nesting. The
 * body can have 16 MiB, which takes too long to be parsed at once: `batchItems` reads it.
 */
export const messageBatchIn = readByHandler(
  z
    .union([messages, z.object({ messages })])
    .meta({ id: 'MessageBatchIn', examples: [[{ eventType: 'order.paid', payload: { order: 42 } }]] }),
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

export type MessageBatchOut = z.output<typeof messageBatchOut>;
