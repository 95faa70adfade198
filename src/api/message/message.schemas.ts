import { z } from 'zod';
import { DEFAULT_RETENTION_DAYS } from '../../domain/message-extras.js';
import { listOf, time } from '../http-support/answers.js';
import { WRONG_SHAPE } from '../http-support/api-error.js';
import { list } from '../http-support/bounded.js';
import { applicationIn } from '../http-support/application-in.js';
import { taskStartedOut } from '../http-support/background-task-out.js';
import { after, before, channel, eventTypes, flag, iterator, limit, status, tag } from '../http-support/list-query.js';
import { messageOut } from '../http-support/message-out.js';
import { statusOut } from '../http-support/message-status.js';
import { channelName, eventTypeName, jsonObject, uid } from '../http-support/schemas.js';
import { deliverAt, extrasIn, messageTags, retentionDays, retentionHours, transformationsParams } from './message-extras.js';

const MAX_EXPUNGED = 1_000;
/** The longest eventId. */
const MAX_KEY_LENGTH = 256;
const KEY_NEEDED = 'Must be an id or uid';

/** A new message. `data` is another name of `payload`. A raw payload is sent instead of it and need not be JSON. */
export const messageIn = z
  .object({
    eventType: eventTypeName,
    payload: jsonObject.meta({ additionalProperties: true }).optional(),
    data: jsonObject.optional().meta({ undocumented: true }),
    eventId: uid('msg_').nullish(),
    channels: list(channelName, 5, 1).transform(distinct).nullish(),
    tags: messageTags.nullish(),
    deliverAt: deliverAt.nullish(),
    payloadRetentionPeriod: retentionDays.nullish(),
    payloadRetentionHours: retentionHours.nullish(),
    transformationsParams: transformationsParams.nullish(),
    application: applicationIn.nullish(),
  })
  .check(({ value, issues }) => {
    const refuse = (at: string, message: string, params = {}) =>
      issues.push({ code: 'custom', path: [at], message, params, input: undefined });
    if ((value.payload === undefined) === (value.data === undefined)) {
      const message = value.payload === undefined ? 'Is missing' : 'Give either payload or data, not both';
      refuse('payload', message, { type: WRONG_SHAPE });
    }
    if (value.payloadRetentionPeriod && value.payloadRetentionHours)
      refuse('payloadRetentionHours', 'Give either payloadRetentionPeriod or payloadRetentionHours, not both');
  })
  .meta({ id: 'MessageIn', required: ['eventType', 'payload'] })
  .transform(({ payload, payloadRetentionPeriod: days, payloadRetentionHours: hours, ...given }) => ({
    eventType: given.eventType,
    eventId: given.eventId ?? null,
    channels: given.channels ?? null,
    application: given.application ?? null,
    payloadKey: payload === undefined ? ('data' as const) : ('payload' as const),
    rawPayload: given.transformationsParams?.rawPayload ?? null,
    retentionDays: days ?? (hours ? hours / 24 : DEFAULT_RETENTION_DAYS),
    extras: extrasIn(given),
  }));

/** The application in the path of a new message: an id or a uid. It may not exist yet. */
export const applicationKey = z
  .string()
  .max(MAX_KEY_LENGTH, { error: KEY_NEEDED, abort: true })
  .regex(/^[a-zA-Z0-9\-_.]+$/, KEY_NEEDED);

/** Query parameter: whether the answer contains the payload. */
export const withContentQuery = z.object({ with_content: flag(true) });

/** Query parameters of the list of messages. */
export const messageList = z.object({
  limit,
  iterator: iterator('msg_'),
  channel,
  tag,
  before,
  after,
  event_types: eventTypes,
  with_content: flag(true),
});

/** Query parameters of the list of messages that were sent to an endpoint. */
export const endpointMessageList = messageList.extend({ status });

/** The event type and the channels of a message that may be sent. */
export const precheckIn = z
  .object({ eventType: eventTypeName, channels: list(channelName, 5, 1).nullish() })
  .meta({ id: 'MessagePrecheckIn' });
export const precheckOut = z.object({ active: z.boolean() }).meta({ id: 'MessagePrecheckOut' });

/** Messages whose payloads are deleted, by id or eventId, and the result for each. */
export const bulkExpungeIn = z
  .object({ ids: list(z.string().max(MAX_KEY_LENGTH), MAX_EXPUNGED).default([]) })
  .meta({ id: 'BulkExpungeIn' });
export const bulkExpungeOut = z
  .object({ results: z.record(z.string(), z.enum(['expunged', 'not-found'])) })
  .meta({ id: 'BulkExpungeOut' });
export const expungeAllOut = taskStartedOut.meta({ id: 'ExpungeAllContentsOut' });

export const messagePage = listOf(messageOut);

/** A message that was sent to an endpoint, with its status there. */
export const endpointMessageOut = messageOut
  .extend({ ...statusOut, nextAttempt: time.optional() })
  .meta({ id: 'EndpointMessageOut' });
export const endpointMessagePage = listOf(endpointMessageOut);

export type MessageIn = z.output<typeof messageIn>;
export type WithContentQuery = z.output<typeof withContentQuery>;
export type MessageList = z.output<typeof messageList>;
export type EndpointMessageList = z.output<typeof endpointMessageList>;
export type EndpointMessageOut = z.output<typeof endpointMessageOut>;
export type PrecheckIn = z.output<typeof precheckIn>;
export type PrecheckOut = z.output<typeof precheckOut>;
export type BulkExpungeIn = z.output<typeof bulkExpungeIn>;
export type BulkExpungeOut = z.output<typeof bulkExpungeOut>;

function distinct(names: string[]): string[] {
  return [...new Set(names)];
}
