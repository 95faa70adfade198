import { z } from 'zod';
import type { Endpoint } from '../../database/entities/endpoint.entity.js';
import { maskedUrl } from '../../domain/url-password.js';
import { entityTime } from '../../domain/ids.js';
import { listOf, metadataOut, names, time } from '../http-support/answers.js';
import { invalid } from '../http-support/api-error.js';
import { list } from '../http-support/bounded.js';
import { flag, iterator, limit, MAX_EVENT_TYPES, order } from '../http-support/list-query.js';
import { statusOut } from '../http-support/message-status.js';
import { channelName, eventTypeName, metadata, plainText, throttleRate, uid } from '../http-support/schemas.js';
import { customHeaders } from './endpoint-headers.schemas.js';
import { ownSecret } from './endpoint-secret.schemas.js';

const MAX_URL_LENGTH = 8192;

const url = z
  .string()
  .max(MAX_URL_LENGTH)
  .describe('A password in it is shown as `****`. Sent back like that, with the same scheme, host, port and user, it stays.');
const version = z.number().int().min(1).max(65_535);
const eventTypes = list(eventTypeName, MAX_EVENT_TYPES, 1).transform(distinct).nullish();
/** When an endpoint is created an empty list is accepted. What it means depends on the caller, see `resolvedEventTypes`. */
const eventTypesOrNone = list(eventTypeName, MAX_EVENT_TYPES).transform(distinct).nullish();
const channels = list(channelName, 10, 1).transform(distinct).nullish();

/** `filterTypes` is the old name of `eventTypes`. Both together are refused, because they could contradict each other. */
const bothTypes: z.core.CheckFn<{ eventTypes?: unknown; filterTypes?: unknown }> = ({ value, issues }) => {
  if (value.eventTypes === undefined || value.filterTypes === undefined) return;
  issues.push({
    code: 'custom',
    path: ['eventTypes'],
    message: 'Give either eventTypes or filterTypes, not both',
    input: undefined,
  });
};

/** What a caller may say of an endpoint. */
const properties = {
  url,
  description: plainText,
  uid: uid('ep_').nullish(),
  throttleRate: throttleRate.nullish(),
  rateLimit: throttleRate.nullish(),
  version,
  disabled: z.boolean(),
  eventTypes,
  filterTypes: eventTypes,
  channels,
  metadata,
};

/** The same where an endpoint is written as a whole: absent properties get their defaults. */
const whole = {
  ...properties,
  description: properties.description.default(''),
  version: properties.version.nullish(),
  disabled: properties.disabled.default(false),
  metadata: properties.metadata.default({}),
};

/** A new endpoint. `rateLimit` and `filterTypes` are old names of `throttleRate` and `eventTypes`. */
export const endpointIn = z
  .object({
    ...whole,
    eventTypes: eventTypesOrNone,
    filterTypes: eventTypesOrNone,
    secret: ownSecret.nullish(),
    headers: customHeaders.nullish(),
  })
  .check(bothTypes)
  .meta({ id: 'EndpointIn' })
  .transform(({ secret: own, headers, ...given }) => ({ ...complete(given), secret: own ?? null, headers: headers ?? {} }));

/**
 * Handles an empty list of event types. The form of `svix-react`, which portals use, sends one for "all event types", so it means that
 * from the token of an application. From the token of an organisation it is more likely a mistake, and is refused with InvalidInput.
 */
export function resolvedEventTypes(given: EndpointIn, byApplication: boolean): EndpointIn {
  if (given.eventTypes?.length !== 0) return given;
  if (!byApplication)
    throw invalid(['body', 'eventTypes'], 'Give at least one event type, or leave the list out for all event types');
  return { ...given, eventTypes: null };
}

/** A replacement of an endpoint. It does not change secrets and headers. */
export const endpointUpdate = z
  .object(whole)
  .check(bothTypes)
  .meta({ id: 'EndpointUpdate' })
  .transform((given) => ({ ...complete(given), uid: given.uid }));

/** A change of some properties of an endpoint. Absent properties stay as they are. */
export const endpointPatch = z
  .object(properties)
  .partial()
  .check(bothTypes)
  .meta({ id: 'EndpointPatch' })
  .transform(({ rateLimit, filterTypes, ...given }) =>
    withoutAbsent({
      ...given,
      throttleRate: given.throttleRate === undefined ? rateLimit : given.throttleRate,
      eventTypes: given.eventTypes === undefined ? filterTypes : given.eventTypes,
    }),
  );

/** Query parameters of the list of endpoints. */
export const endpointList = z.object({ limit, iterator: iterator('ep_'), order: order('descending') });

/** Query parameters of the list of endpoints that a message was sent to. With `include_waiting` also those that it is to be sent to. */
export const destinationList = z.object({ limit, iterator: iterator('ep_'), include_waiting: flag(false) });

export type EndpointIn = z.output<typeof endpointIn>;
export type EndpointUpdate = z.output<typeof endpointUpdate>;
export type EndpointPatch = z.output<typeof endpointPatch>;
export type EndpointList = z.output<typeof endpointList>;
export type DestinationList = z.output<typeof destinationList>;

/** The properties that every answer with an endpoint has. `rateLimit` and `filterTypes` are old names of `throttleRate` and `eventTypes`. */
const endpointBase = z.object({
  id: z.string(),
  url: z.string(),
  description: z.string(),
  uid: z.string().nullable(),
  throttleRate: z.number().int().nullable(),
  rateLimit: z.number().int().nullable(),
  version: z.number().int(),
  disabled: z.boolean(),
  eventTypes: names,
  filterTypes: names,
  channels: names,
  createdAt: time,
  updatedAt: time,
});

/** An endpoint. Secrets and headers are not shown here; they have their own operations. */
export const endpointOut = endpointBase
  .extend({
    metadata: metadataOut,
    unreadable: z
      .string()
      .optional()
      .describe('Why nothing can be sent to the endpoint: its secret or its headers can not be opened.'),
  })
  .meta({ id: 'EndpointOut' });
export const endpointPage = listOf(endpointOut);
export type EndpointOut = z.output<typeof endpointOut>;

/** An endpoint that a message was sent to, with the status of the message there. */
export const destinationOut = endpointBase
  .extend({ ...statusOut, nextAttempt: time.nullable() })
  .meta({ id: 'MessageEndpointOut' });
export const destinationPage = listOf(destinationOut);
export type DestinationOut = z.output<typeof destinationOut>;

/** The endpoint as the API shows it. */
export function toEndpointOut(endpoint: Endpoint): EndpointOut {
  return { ...toEndpointBase(endpoint), metadata: endpoint.metadata };
}

const SHOWN = Object.keys(endpointBase.shape) as (keyof typeof endpointBase.shape)[];

/** The endpoint without its metadata. It has what the schema names, and the compiler checks that the row has all of it. */
export function toEndpointBase(endpoint: Endpoint): z.output<typeof endpointBase> {
  const { id, throttleRate, eventTypes } = endpoint;
  return pick(
    { ...endpoint, url: maskedUrl(endpoint.url), rateLimit: throttleRate, filterTypes: eventTypes, createdAt: entityTime(id) },
    SHOWN,
  );
}

function pick<T extends object, Key extends keyof T>(from: T, keys: readonly Key[]): Pick<T, Key> {
  return Object.fromEntries(keys.map((key) => [key, from[key]])) as Pick<T, Key>;
}

function complete({ rateLimit, filterTypes, ...given }: z.output<z.ZodObject<typeof whole>>) {
  return {
    ...given,
    uid: given.uid ?? null,
    throttleRate: given.throttleRate ?? rateLimit ?? null,
    version: given.version ?? 1,
    eventTypes: given.eventTypes ?? filterTypes ?? null,
    channels: given.channels ?? null,
  };
}

/** The object without keys whose value is undefined: they would count as changes. */
function withoutAbsent<T extends object>(given: T): Partial<T> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Partial<T>;
}

function distinct(names: string[]): string[] {
  return [...new Set(names)];
}
