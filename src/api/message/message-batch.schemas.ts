import { z } from 'zod';
import { nestedUpTo } from '../http-support/contract.pipe.js';

/** Messages of one call, each checked by itself, also as to how deeply it is nested: a list, or a list under `messages`. */
export const messageBatchIn = nestedUpTo(
  Infinity,
  z
    .union([z.array(z.unknown()).min(1), z.object({ messages: z.array(z.unknown()).min(1) })], {
      error: 'Must be a list of messages that is not empty, or an object with one under "messages"',
    })
    .transform((given) => (Array.isArray(given) ? { items: given, key: null } : { items: given.messages, key: 'messages' })),
);

export type MessageBatchIn = z.output<typeof messageBatchIn>;
