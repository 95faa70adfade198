import { z } from 'zod';
import { LIMIT_NAMES, LIMITS, type LimitName } from '../../config/limit-variables.js';
import type { UsagePlace, UsageRow } from '../../database/repositories/organization-usage.repository.js';
import { listOf } from '../http-support/answers.js';
import { queryText } from '../http-support/bounded.js';
import { limit, time } from '../http-support/list-query.js';

const MAX_ITERATOR_LENGTH = 1_024;
const DAY = /^\d{4}-\d{2}-\d{2}$/;
const ORG_ID = /^org_[\x21-\x7e]{0,251}$/;
/** As tokens and API keys are named. Other texts are no keys, and the database can't compare all of them. */
const KEY_ID = /^[\x21-\x7e]{1,64}$/;

/** The id of an organisation in a path or a query. */
export const organizationId = z
  .string()
  .max(256)
  .regex(ORG_ID, 'Must be the id of an organisation: "org_…", at most 255 characters of ASCII');

const limitIn = (name: LimitName) => z.number().int().min(LIMITS[name].min).max(LIMITS[name].max).nullish();
const limitOut = z.number().int();
const each = <T>(schemaOf: (name: LimitName) => T) =>
  Object.fromEntries(LIMIT_NAMES.map((name) => [name, schemaOf(name)])) as Record<LimitName, T>;

/** Limits of one organisation. What is absent or null is that of all organisations. */
export const organizationLimitsIn = z.object(each(limitIn)).meta({ id: 'OrganizationLimitsIn' });

/** What applies to an organisation. */
const limitsOut = z.object(each(() => limitOut)).meta({ id: 'LimitsOut' });

/** `own`: the limits that an operator gave to the organisation, null for those of all; `limits`: what applies. */
export const organizationLimitsOut = z
  .object({
    orgId: z.string(),
    own: z.object(each(() => limitOut.nullable())).meta({ id: 'OwnLimitsOut' }),
    limits: limitsOut,
  })
  .meta({ id: 'OrganizationLimitsOut' });

/** What applies to the caller's organisation, and the messages that it has sent on this day and in this month (UTC). */
export const limitsUsageOut = z
  .object({ limits: limitsOut, messages: z.object({ today: z.number().int(), thisMonth: z.number().int() }) })
  .meta({ id: 'LimitsUsageOut' });

/** Query parameters of the list of usage. Whole days (UTC) count, the first and the last one included. */
export const usageList = z.object({
  limit,
  iterator: z.string().max(MAX_ITERATOR_LENGTH).transform(placeOf).nullable().default(null),
  since: time,
  until: time,
  key_id: queryText.pipe(z.string().max(64).regex(KEY_ID, 'Must be the id of a token')).nullable().default(null),
  org_id: queryText.pipe(organizationId).nullable().default(null),
});

/** What was used with one key on one day (UTC): requests by the class of their answer, and accepted messages. */
export const keyUsageOut = z
  .object({
    orgId: z.string(),
    day: z.string(),
    keyId: z.string(),
    requests: z.object({ ok: z.number().int(), refused: z.number().int(), failed: z.number().int() }),
    messages: z.number().int(),
  })
  .meta({ id: 'KeyUsageOut' });
export const keyUsagePage = listOf(keyUsageOut);

export type OrganizationLimitsIn = z.output<typeof organizationLimitsIn>;
export type OrganizationLimitsOut = z.output<typeof organizationLimitsOut>;
export type LimitsUsageOut = z.output<typeof limitsUsageOut>;
export type UsageList = z.output<typeof usageList>;
export type KeyUsageOut = z.output<typeof keyUsageOut>;

/** The row as the API shows it. */
export function toKeyUsageOut({ orgId, day, keyId, ok, refused, failed, messages }: UsageRow): KeyUsageOut {
  return { orgId, day, keyId, requests: { ok, refused, failed }, messages };
}

/** The iterator that stands for a row. */
export function iteratorOf({ orgId, day, keyId }: UsagePlace): string {
  return Buffer.from(JSON.stringify([day, orgId, keyId])).toString('base64url');
}

function placeOf(text: string, context: z.RefinementCtx): UsagePlace {
  try {
    const parts = JSON.parse(Buffer.from(text, 'base64url').toString()) as unknown[];
    const [day, orgId, keyId] = parts.map(String) as [string, string, string];
    if (isDay(day) && ORG_ID.test(orgId) && KEY_ID.test(keyId)) return { day, orgId, keyId };
  } catch {
    // It is refused below.
  }
  context.addIssue({ code: 'custom', message: 'Must be the iterator of a page' });
  return z.NEVER;
}

function isDay(text: string): boolean {
  return DAY.test(text) && !Number.isNaN(Date.parse(text));
}
