import { z } from 'zod';
import { time as timeOut } from '../http-support/answers.js';
import { time } from '../http-support/list-query.js';

/** Query of the statistics: from when until when. */
export const statsQuery = z.object({ since: time, until: time });

/** Attempts by status. An attempt is either a success or a failure: the other numbers are there for clients that expect them. */
export const endpointStatsOut = z
  .object({
    success: z.number().int(),
    pending: z.number().int(),
    sending: z.number().int(),
    fail: z.number().int(),
    canceled: z.number().int(),
  })
  .meta({ id: 'EndpointStats' });

/** The range of time, as generated clients name it. No operation answers it. */
export const endpointStatsRange = z
  .object({ since: timeOut.nullish(), until: timeOut.nullish() })
  .meta({ id: 'EndpointStatsRange' });

export type StatsQuery = z.output<typeof statsQuery>;
export type EndpointStatsOut = z.output<typeof endpointStatsOut>;
