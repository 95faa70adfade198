import { z } from 'zod';

const count = z.number().int();

/** How many open deliveries come due when. A part that has `countedUpTo` has so many or more. */
export const backlogOut = z
  .object({
    late: count,
    due: count,
    withinMinute: count,
    withinHour: count,
    withinDay: count,
    later: count,
    countedUpTo: count,
  })
  .meta({ id: 'BacklogOut' });

export type BacklogOut = z.output<typeof backlogOut>;
