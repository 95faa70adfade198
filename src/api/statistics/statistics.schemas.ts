import { z } from 'zod';
import { taskStartedOut } from '../http-support/background-task-out.js';
import { list } from '../http-support/bounded.js';
import { moment } from '../http-support/list-query.js';

const MAX_APPLICATIONS = 10_000;
/** The longest uid. */
const MAX_KEY_LENGTH = 256;

/** The time range in which messages are counted, and the applications (ids or uids). Without `appIds` all applications. */
export const appUsageIn = z
  .object({ since: moment, until: moment, appIds: list(z.string().max(MAX_KEY_LENGTH), MAX_APPLICATIONS).nullish() })
  .check(({ value, issues }) => {
    if (value.since > value.until)
      issues.push({ code: 'custom', path: ['since'], message: 'Must not be after until', input: undefined });
  })
  .meta({ id: 'AppUsageStatsIn' });

/** The task that was started, and the given applications that do not exist. */
export const appUsageOut = taskStartedOut.extend({ unresolvedAppIds: z.array(z.string()) }).meta({ id: 'AppUsageStatsOut' });
export const eventTypeUsageOut = taskStartedOut.meta({ id: 'AggregateEventTypesOut' });

export type AppUsageIn = z.output<typeof appUsageIn>;
export type AppUsageOut = z.output<typeof appUsageOut>;
