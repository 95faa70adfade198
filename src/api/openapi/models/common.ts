import { z } from 'zod';

/** A point in time, UTC. */
export const time = z.iso.datetime();

/** Text for a number, as the clients' enumerations have them. */
export const messageStatus = z.literal([0, 1, 2, 3, 4]);
export const messageStatusText = z.enum(['success', 'pending', 'fail', 'sending', 'canceled']);
export const statusCodeClass = z.literal([0, 100, 200, 300, 400, 500]);
export const triggerType = z.literal([0, 1]);
export const ordering = z.enum(['ascending', 'descending']);

export const metadata = z.record(z.string(), z.string());
export const payload = z
  .record(z.string(), z.unknown())
  .describe(
    'The source text of what was sent, where that is a JSON object. A raw payload that is something else is shown as ' +
      '`{"rawPayload": "<text>"}`, with its `contentType` where that is not application/json, and in base64 with ' +
      '`"encoding": "base64"` where it is no UTF-8. `{}` where content is not wanted, `{"expired": true}` where it was expunged or ' +
      'its time is over.',
  );

/** One page of a list. */
export function listOf(item: z.ZodType) {
  return z.object({
    data: z.array(item),
    iterator: z.string().nullable(),
    prevIterator: z.string().optional(),
    done: z.boolean(),
  });
}

const problem = z.object({ loc: z.array(z.string()), msg: z.string(), type: z.string() });

/** What every resource uses, by the name in the document. */
export const commonModels: Record<string, z.ZodType> = {
  MessageStatus: messageStatus,
  MessageStatusText: messageStatusText,
  StatusCodeClass: statusCodeClass,
  MessageAttemptTriggerType: triggerType,
  Ordering: ordering,
  EmptyResponse: z.object({}),
  HttpErrorOut: z.object({ code: z.string(), detail: z.string() }),
  ValidationErrorItem: problem,
  HTTPValidationError: z.object({ detail: z.array(problem) }),
};
