import { z } from 'zod';
import { listOf, time } from '../http-support/answers.js';
import { limit } from '../http-support/list-query.js';

/** The id of a dead letter: of a delivery or of a task. */
const LETTER_ID = /^(msg_\w{1,36}:ep_\w{1,37}:\d{1,10}|task_[\w-]{1,100})$/;

/** The longest id, and the `-` of a page that is read backward. */
const MAX_ITERATOR_LENGTH = 128;

/** `delivery`: the workers that sent it died several times. `task`: it is in the dead-letter queue. */
const kind = z.enum(['delivery', 'task']);

/** Query parameters of the list of dead letters. */
export const deadLetterList = z.object({
  limit,
  iterator: z
    .string()
    .max(MAX_ITERATOR_LENGTH)
    .refine((text) => isLetterId(text.replace(/^-/, '')), 'Must be the id of a dead letter')
    .nullable()
    .default(null),
  kind: kind.nullable().default(null),
});

/** A dead letter. A task has an application only if its text can be parsed. */
export const deadLetterOut = z
  .object({
    id: z.string(),
    kind,
    reason: z.string(),
    since: time,
    appId: z.string().optional(),
    msgId: z.string().optional(),
    endpointId: z.string().optional(),
  })
  .meta({ id: 'DeadLetterOut' });
export const deadLetterPage = listOf(deadLetterOut);

export type DeadLetterList = z.output<typeof deadLetterList>;
export type DeadLetterKind = z.output<typeof kind>;
export type DeadLetterOut = z.output<typeof deadLetterOut>;

/** Whether a text can be the id of a dead letter. */
export function isLetterId(text: string): boolean {
  return LETTER_ID.test(text);
}
