import { z } from 'zod';
import { headerNameProblem, headerValueProblem } from '../../domain/custom-headers.js';
import { InvalidSecret, parseSecret } from '../../domain/secrets.js';
import { invalid } from '../http-support/api-error.js';
import { iterator, limit, order } from '../http-support/list-query.js';
import { channelName, eventTypeName, isStep, metadata, plainText, STEP, throttleRate, uid } from '../http-support/schemas.js';

const MAX_URL_LENGTH = 8192;
const MAX_GRACE_SECONDS = 7 * 24 * 3600;

const url = z.string().max(MAX_URL_LENGTH);
const version = z.number().int().min(1).max(65_535);
const eventTypes = z.array(eventTypeName).min(1).transform(distinct).nullish();
/** On create an empty list gets through: what it means depends on who sent it, see `withTypesMeant`. */
const eventTypesOrNone = z.array(eventTypeName).transform(distinct).nullish();
const channels = z.array(channelName).min(1).max(10).transform(distinct).nullish();

/** A signing secret that its owner chose. */
const secret = z.string().superRefine((text, context) => {
  try {
    parseSecret(text);
  } catch (error) {
    if (!(error instanceof InvalidSecret)) throw error;
    context.addIssue({ code: 'custom', message: error.message });
  }
});

const headerValue = z.string().superRefine((value, context) => {
  const problem = headerValueProblem(value);
  if (problem) context.addIssue({ code: 'custom', message: problem });
});

/** Two names an API version apart for one thing: with both given it would be a guess which one is meant. */
const bothTypes: z.core.CheckFn<{ eventTypes?: unknown; filterTypes?: unknown }> = ({ value, issues }) => {
  if (value.eventTypes === undefined || value.filterTypes === undefined) return;
  issues.push({
    code: 'custom',
    path: ['eventTypes'],
    message: 'Give either eventTypes or filterTypes, not both',
    input: undefined,
  });
};

const described = {
  url,
  description: plainText.default(''),
  uid: uid('ep_').nullish(),
  throttleRate: throttleRate.nullish(),
  rateLimit: throttleRate.nullish(),
  version: version.nullish(),
  disabled: z.boolean().default(false),
  eventTypes,
  filterTypes: eventTypes,
  channels,
  metadata: metadata.default({}),
};

/** An endpoint as a caller describes it; `rateLimit` and `filterTypes` are old names of `throttleRate` and `eventTypes`. */
export const endpointIn = z
  .object({
    ...described,
    eventTypes: eventTypesOrNone,
    filterTypes: eventTypesOrNone,
    secret: secret.nullish(),
    headers: headersOf(headerValue).nullish(),
  })
  .check(bothTypes)
  .transform(({ secret: own, headers, ...given }) => ({ ...complete(given), secret: own ?? null, headers: headers ?? {} }));

/**
 * The form of `svix-react`, which portals use, always sends a list of event types, and an empty one for all. From an application's
 * token that is what it means; from anybody else it is more likely a mistake. Throws InvalidInput.
 */
export function withTypesMeant(given: EndpointIn, byApplication: boolean): EndpointIn {
  if (given.eventTypes?.length !== 0) return given;
  if (!byApplication) throw invalid(['body', 'eventTypes'], 'Name at least one event type, or leave the list out for all');
  return { ...given, eventTypes: null };
}

/** The same for a replacement, which leaves secrets and headers alone. */
export const endpointUpdate = z
  .object(described)
  .check(bothTypes)
  .transform((given) => ({ ...complete(given), uid: given.uid }));

/** Some properties of an endpoint; what is absent stays as it is. */
export const endpointPatch = z
  .object({
    url: url.optional(),
    description: plainText.optional(),
    uid: uid('ep_').nullish(),
    throttleRate: throttleRate.nullish(),
    rateLimit: throttleRate.nullish(),
    version: version.optional(),
    disabled: z.boolean().optional(),
    eventTypes,
    filterTypes: eventTypes,
    channels,
    metadata: metadata.optional(),
  })
  .check(bothTypes)
  .transform(({ rateLimit, filterTypes, ...given }) =>
    withoutAbsent({
      ...given,
      throttleRate: given.throttleRate === undefined ? rateLimit : given.throttleRate,
      eventTypes: given.eventTypes === undefined ? filterTypes : given.eventTypes,
    }),
  );

/** Custom headers that replace all there are. */
export const headersIn = z.object({ headers: headersOf(headerValue) });

/** Custom headers to set, and to delete: by null, or by name in `deleteHeaders`. */
export const headersPatch = z
  .object({ headers: headersOf(headerValue.nullable()).optional(), deleteHeaders: z.array(z.string()).nullish() })
  .refine((given) => given.headers !== undefined || given.deleteHeaders, { path: ['headers'], message: 'Is missing' })
  .transform(({ headers, deleteHeaders }) => ({
    ...Object.fromEntries((deleteHeaders ?? []).map((name) => [name, null])),
    ...headers,
  }));

/** A new current secret (none: generated), and for how long the one before it still signs. */
export const secretRotation = z.object({
  key: secret.nullish(),
  gracePeriodSeconds: z.number().int().min(0).max(MAX_GRACE_SECONDS).nullish(),
});

/** Query of the list of endpoints. */
export const endpointList = z.object({ limit, iterator: iterator('ep_'), order: order('descending') });

/** Query of the list of endpoints that a message was sent to. */
export const destinationList = z.object({ limit, iterator: iterator('ep_') });

export type EndpointIn = z.output<typeof endpointIn>;
export type EndpointUpdate = z.output<typeof endpointUpdate>;
export type EndpointPatch = z.output<typeof endpointPatch>;
export type EndpointList = z.output<typeof endpointList>;
export type DestinationList = z.output<typeof destinationList>;
export type HeadersIn = z.output<typeof headersIn>;
export type HeadersPatch = z.output<typeof headersPatch>;
export type SecretRotation = z.output<typeof secretRotation>;

function headersOf<V extends z.ZodType>(value: V) {
  const headers = z.record(z.string(), value).superRefine((given, context) => refuseNames(Object.keys(given), context));
  // A record leaves out what would reach for its prototype, and says nothing.
  return z.preprocess((given, context) => {
    if (typeof given === 'object' && given !== null && Object.hasOwn(given, '__proto__')) refuseNames(['__proto__'], context);
    return given;
  }, headers);
}

function refuseNames(names: readonly string[], context: z.RefinementCtx): void {
  for (const name of names) {
    const problem = isStep(name) ? STEP : headerNameProblem(name);
    if (problem) context.addIssue({ code: 'custom', path: [name], message: problem });
  }
}

function complete({ rateLimit, filterTypes, ...given }: z.output<z.ZodObject<typeof described>>) {
  return {
    ...given,
    uid: given.uid ?? null,
    throttleRate: given.throttleRate ?? rateLimit ?? null,
    version: given.version ?? 1,
    eventTypes: given.eventTypes ?? filterTypes ?? null,
    channels: given.channels ?? null,
  };
}

/** A key whose value is undefined would be taken for a change. */
function withoutAbsent<T extends object>(given: T): Partial<T> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Partial<T>;
}

function distinct(names: string[]): string[] {
  return [...new Set(names)];
}
