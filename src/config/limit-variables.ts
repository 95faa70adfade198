import { z } from 'zod';

/** A limit of an organisation: the values that it may have, and the variable with its value for all organisations. */
interface LimitRule {
  min: number;
  max: number;
  variable: string;
  /** What the variable is without a setting. */
  fallback: number;
  meaning: string;
}

const MILLION = 1_000_000;
const BILLION = 1_000 * MILLION;

/**
 * The limits of an organisation. The largest values of channels, headers and batches are what the API allows at all. A rate or a quota
 * of 0 is none.
 */
export const LIMITS = {
  throttleRate: {
    min: 0,
    max: MILLION,
    variable: 'THROTTLE_RATE',
    fallback: 0,
    meaning: 'Requests per second that each organisation may make; 0 for no limit',
  },
  throttleBurst: {
    min: 0,
    max: MILLION,
    variable: 'THROTTLE_BURST',
    fallback: 0,
    meaning: 'Requests that an organisation may make at once after a pause, where a rate is set; 0 for as many as the rate',
  },
  throttleKeyRate: {
    min: 0,
    max: MILLION,
    variable: 'THROTTLE_KEY_RATE',
    fallback: 0,
    meaning: 'Requests per second that may be made with each token; 0 for no limit',
  },
  throttleKeyBurst: {
    min: 0,
    max: MILLION,
    variable: 'THROTTLE_KEY_BURST',
    fallback: 0,
    meaning: 'Requests that may be made at once with a token after a pause, where a rate is set; 0 for as many as the rate',
  },
  messagesPerDay: {
    min: 0,
    max: BILLION,
    variable: 'QUOTA_MESSAGES_PER_DAY',
    fallback: 0,
    meaning: 'Messages that each organisation may send in a day (UTC); 0 for no limit',
  },
  messagesPerMonth: {
    min: 0,
    max: BILLION,
    variable: 'QUOTA_MESSAGES_PER_MONTH',
    fallback: 0,
    meaning: 'Messages that each organisation may send in a calendar month (UTC); 0 for no limit',
  },
  maxApps: {
    min: 1,
    max: MILLION,
    variable: 'MAX_APPS_PER_ORG',
    fallback: 100_000,
    meaning: 'Applications that an organisation may have',
  },
  maxEndpointsPerApp: {
    min: 1,
    max: 10_000,
    variable: 'MAX_ENDPOINTS_PER_APP',
    fallback: 500,
    meaning: 'Endpoints that an application may have',
  },
  maxEventTypes: {
    min: 1,
    max: MILLION,
    variable: 'MAX_EVENT_TYPES_PER_ORG',
    fallback: 50_000,
    meaning: 'Event types that an organisation may have, with the archived ones',
  },
  maxChannelsPerEndpoint: {
    min: 1,
    max: 10,
    variable: 'MAX_CHANNELS_PER_ENDPOINT',
    fallback: 10,
    meaning: 'Channels that an endpoint may have, at most 10',
  },
  maxHeadersPerEndpoint: {
    min: 0,
    max: 500,
    variable: 'MAX_HEADERS_PER_ENDPOINT',
    fallback: 500,
    meaning: 'Custom headers that an endpoint may have, at most 500',
  },
  maxHeaderBytesPerEndpoint: {
    min: 0,
    max: 262_144,
    variable: 'MAX_HEADER_BYTES_PER_ENDPOINT',
    fallback: 262_144,
    meaning: 'Bytes that all custom headers of an endpoint may have together, names and values; at most 262144',
  },
  maxBatchMessages: {
    min: 1,
    max: 1_000,
    variable: 'MAX_BATCH_MESSAGES',
    fallback: 1_000,
    meaning: 'Messages that a batch may have, at most 1000',
  },
} as const satisfies Record<string, LimitRule>;

export type LimitName = keyof typeof LIMITS;

/** The names of the limits, in the order in which they are shown. */
export const LIMIT_NAMES = Object.keys(LIMITS) as LimitName[];

/** What an organisation may do. */
export type Limits = Readonly<Record<LimitName, number>>;

type LimitVariable = (typeof LIMITS)[LimitName]['variable'];
type NumberText = z.ZodDefault<z.ZodPipe<z.ZodString, z.ZodTransform<number, string>>>;

/** The variables of the limits. */
export const limitVariables = Object.fromEntries(
  LIMIT_NAMES.map((name) => {
    const { min, max, variable, fallback, meaning } = LIMITS[name];
    const fits = (text: string) => /^\d+$/.test(text) && Number(text) >= min && Number(text) <= max;
    const number = z.string().refine(fits, `must be a whole number from ${min} to ${max}.`).transform(Number);
    return [variable, number.default(fallback).describe(meaning)];
  }),
) as Record<LimitVariable, NumberText>;

/** The limits of organisations without limits of their own. */
export function limitsOf(env: Record<LimitVariable, number>): Limits {
  return Object.fromEntries(LIMIT_NAMES.map((name) => [name, env[LIMITS[name].variable]])) as unknown as Limits;
}
