import { z } from 'zod';
import { time as timeOut } from '../http-support/answers.js';
import { time } from '../http-support/list-query.js';

/** Query parameters of the statistics: the time range. */
export const statsQuery = z.object({ since: time, until: time });

/** The number of attempts by status. An attempt is a success or a failure; the other numbers are 0, for clients that expect them. */
export const endpointStatsOut = z
  .object({
    success: z.number().int(),
    pending: z.number().int(),
    sending: z.number().int(),
    fail: z.number().int(),
    canceled: z.number().int(),
  })
  .meta({ id: 'EndpointStats' });

/** The time range, under the name that generated clients have for it. No operation answers it. */
export const endpointStatsRange = z
  .object({ since: timeOut.nullish(), until: timeOut.nullish() })
  .meta({ id: 'EndpointStatsRange' });

export type StatsQuery = z.output<typeof statsQuery>;
export type EndpointStatsOut = z.output<typeof endpointStatsOut>;
