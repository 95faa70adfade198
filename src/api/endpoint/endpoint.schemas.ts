import { z } from 'zod';
import type { Endpoint } from '../../database/entities/endpoint.entity.js';
import { entityTime } from '../../domain/ids.js';
import { listOf, metadataOut, names, time } from '../http-support/answers.js';
import { invalid } from '../http-support/api-error.js';
import { flag, iterator, limit, order } from '../http-support/list-query.js';
import { statusOut } from '../http-support/message-status.js';
import { channelName, eventTypeName, metadata, plainText, throttleRate, uid } from '../http-support/schemas.js';
import { customHeaders } from './endpoint-headers.schemas.js';
import { ownSecret } from './endpoint-secret.schemas.js';

const MAX_URL_LENGTH = 8192;

const url = z.string().max(MAX_URL_LENGTH);
const version = z.number().int().min(1).max(65_535);
const eventTypes = z.array(eventTypeName).min(1).transform(distinct).nullish();
/** On create an empty list gets through: what it means depends on who sent it, see `withTypesMeant`. */
const eventTypesOrNone = z.array(eventTypeName).transform(distinct).nullish();
const channels = z.array(channelName).min(1).max(10).transform(distinct).nullish();

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
    secret: ownSecret.nullish(),
    headers: customHeaders.nullish(),
  })
  .check(bothTypes)
  .meta({ id: 'EndpointIn' })
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
  .meta({ id: 'EndpointUpdate' })
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
  .meta({ id: 'EndpointPatch' })
  .transform(({ rateLimit, filterTypes, ...given }) =>
    withoutAbsent({
      ...given,
      throttleRate: given.throttleRate === undefined ? rateLimit : given.throttleRate,
      eventTypes: given.eventTypes === undefined ? filterTypes : given.eventTypes,
    }),
  );

/** Query of the list of endpoints. */
export const endpointList = z.object({ limit, iterator: iterator('ep_'), order: order('descending') });

/** Query of the list of endpoints that a message was sent to; `include_waiting`: or is to be sent to. */
export const destinationList = z.object({ limit, iterator: iterator('ep_'), include_waiting: flag(false) });

export type EndpointIn = z.output<typeof endpointIn>;
export type EndpointUpdate = z.output<typeof endpointUpdate>;
export type EndpointPatch = z.output<typeof endpointPatch>;
export type EndpointList = z.output<typeof endpointList>;
export type DestinationList = z.output<typeof destinationList>;

/** What every list of endpoints shows of one. `rateLimit` and `filterTypes` are old names of `throttleRate` and `eventTypes`. */
const endpointShown = z.object({
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

/** An endpoint. Its secrets and headers are not among its properties; they have operations of their own. */
export const endpointOut = endpointShown.extend({ metadata: metadataOut }).meta({ id: 'EndpointOut' });
export const endpointPage = listOf(endpointOut);
export type EndpointOut = z.output<typeof endpointOut>;

/** An endpoint that a message was sent to, with the state of the message there. */
export const destinationOut = endpointShown
  .extend({ ...statusOut, nextAttempt: time.nullable() })
  .meta({ id: 'MessageEndpointOut' });
export const destinationPage = listOf(destinationOut);
export type DestinationOut = z.output<typeof destinationOut>;

/** The endpoint as the API shows it. */
export function toEndpointOut(endpoint: Endpoint): EndpointOut {
  return { ...toEndpointShown(endpoint), metadata: endpoint.metadata };
}

/** The endpoint as lists of a message's endpoints show it: without metadata. */
export function toEndpointShown(endpoint: Endpoint): z.output<typeof endpointShown> {
  const { id, url, description, uid, throttleRate, version, disabled, eventTypes, channels, updatedAt } = endpoint;
  return {
    id,
    url,
    description,
    uid,
    throttleRate,
    rateLimit: throttleRate,
    version,
    disabled,
    eventTypes,
    filterTypes: eventTypes,
    channels,
    createdAt: entityTime(id),
    updatedAt,
  };
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
