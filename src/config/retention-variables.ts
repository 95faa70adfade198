import { z } from 'zod';

const MAX_DAYS = 36_500;

/** How long rows are kept. */
export const retentionVariables = {
  AUDIT_LOG_DAYS: days(365).describe('How many days entries of the audit log are kept; 0 keeps them for ever'),
  RETENTION_DAYS: days(90).describe(
    'How many days messages, their attempts and ended background tasks are kept; 0 keeps them for ever. A message with an open delivery stays until that has ended',
  ),
  DELETED_DAYS: days(30).describe(
    'How many days the rows of deleted applications and endpoints are kept, with their messages and attempts; 0 keeps them for ever',
  ),
};

function days(byDefault: number) {
  return z
    .string()
    .refine((text) => /^\d+$/.test(text) && Number(text) <= MAX_DAYS, `must be a whole number from 0 to ${MAX_DAYS}.`)
    .transform(Number)
    .default(byDefault);
}
