import { z } from 'zod';
import { time as timeOut } from '../http-support/answers.js';
import { queryText } from '../http-support/bounded.js';
import { limit, time } from '../http-support/list-query.js';

const MAX_KEY_LENGTH = 256;
const ORG_ID = /^org_[\x21-\x7e]{0,251}$/;

const orgId = queryText
  .pipe(
    z.string().max(MAX_KEY_LENGTH).regex(ORG_ID, 'Must be the id of an organisation: "org_…", at most 255 characters of ASCII'),
  )
  .nullable()
  .default(null);

/** Query parameters of an application's attempts over time. */
export const appAttemptsQuery = z.object({
  since: time,
  until: time,
  endpoint_id: queryText.pipe(z.string().max(MAX_KEY_LENGTH)).nullable().default(null),
});

/** The same for an organisation. `org_id` is for operators. */
export const attemptsQuery = z.object({ since: time, until: time, org_id: orgId });

/** The orders of the list of endpoints, as the document shows them. */
export const endpointRanking = z.enum(['failing', 'slow']).meta({ id: 'EndpointRanking' });

/** Query parameters of the list of endpoints. */
export const endpointsQuery = z.object({
  since: time,
  until: time,
  org_id: orgId,
  limit,
  order: queryText.pipe(endpointRanking).default('failing'),
});

const latency = z.number().int().nullable();

/** Attempts that began within `stepSeconds` from `at`. All numbers are null where nothing was counted; latencies also where there are none. */
export const attemptPoint = z
  .object({
    at: timeOut,
    delivered: z.number().int().nullable(),
    failed: z.number().int().nullable(),
    p50Ms: latency,
    p95Ms: latency,
  })
  .meta({ id: 'AttemptPoint' });

/** Attempts over time. Before `countedSince` (null: none is missing) and after `countedUntil` nothing is counted yet. */
export const attemptStatsOut = z
  .object({
    since: timeOut,
    until: timeOut,
    stepSeconds: z.number().int(),
    countedSince: timeOut.nullable(),
    countedUntil: timeOut,
    delivered: z.number().int(),
    failed: z.number().int(),
    p50Ms: latency,
    p95Ms: latency,
    points: z.array(attemptPoint),
  })
  .meta({ id: 'AttemptStatsOut' });

/** An endpoint with the attempts at it in a time range. */
export const endpointAttemptsOut = z
  .object({
    appId: z.string(),
    appUid: z.string().nullable(),
    appName: z.string(),
    endpointId: z.string(),
    endpointUid: z.string().nullable(),
    url: z.string(),
    disabled: z.boolean(),
    delivered: z.number().int(),
    failed: z.number().int(),
    p50Ms: latency,
    p95Ms: latency,
  })
  .meta({ id: 'EndpointAttemptsOut' });

/** The first endpoints in the order that was asked for. `countedSince` and `countedUntil` as over time. */
export const endpointStatsListOut = z
  .object({
    since: timeOut,
    until: timeOut,
    countedSince: timeOut.nullable(),
    countedUntil: timeOut,
    data: z.array(endpointAttemptsOut),
  })
  .meta({ id: 'EndpointStatsListOut' });

export type AppAttemptsQuery = z.output<typeof appAttemptsQuery>;
export type AttemptsQuery = z.output<typeof attemptsQuery>;
export type EndpointsQuery = z.output<typeof endpointsQuery>;
export type AttemptPoint = z.output<typeof attemptPoint>;
export type AttemptStatsOut = z.output<typeof attemptStatsOut>;
export type EndpointAttemptsOut = z.output<typeof endpointAttemptsOut>;
export type EndpointStatsListOut = z.output<typeof endpointStatsListOut>;
